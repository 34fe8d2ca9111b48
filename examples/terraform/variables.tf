# Filled by prescale.auto.tfvars.json, which `prescale export terraform` writes.

variable "prescale_plans" {
  description = "Identity of the plan, by region."
  type        = map(string)
}

variable "prescale_pools" {
  description = "Counts of every pool, and its changes of the day in UTC."
  type = map(object({
    cloud    = string
    region   = string
    workload = string
    type     = string
    option   = string
    kind     = string # group, eks-node-group, gke-node-pool or aks-agent-pool
    cluster  = string # null for groups
    group    = string
    owns     = string
    min      = number
    desired  = number
    max      = number
    zones    = list(string)
    schedule = list(object({
      minute_of_day = number
      lasts_minutes = number
      min           = number
      desired       = number
      max           = number
    }))
  }))
}

locals {
  prescale_changes = merge([
    for name, pool in var.prescale_pools : {
      for change in pool.schedule : "${name}@${change.minute_of_day}" => merge(change, {
        pool = name
        cron = "${change.minute_of_day % 60} ${floor(change.minute_of_day / 60)} * * *"
      })
    }
  ]...)
}
