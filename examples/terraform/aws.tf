# Auto scaling groups of one region; a provider is bound to its region, so use one module per region.

variable "aws_region" { type = string }
variable "aws_launch_template_id" { type = string }

locals {
  aws_pools   = { for name, pool in var.prescale_pools : name => pool if pool.cloud == "aws" && pool.region == var.aws_region && pool.kind == "group" }
  aws_changes = { for key, change in local.prescale_changes : key => change if contains(keys(local.aws_pools), change.pool) }
}

resource "aws_autoscaling_group" "pool" {
  for_each                  = local.aws_pools
  name                      = each.value.group
  availability_zones        = each.value.zones
  min_size                  = each.value.min
  max_size                  = each.value.max
  desired_capacity          = each.value.owns == "count" ? each.value.desired : null
  wait_for_capacity_timeout = "0"

  mixed_instances_policy {
    launch_template {
      launch_template_specification { launch_template_id = var.aws_launch_template_id }
      override { instance_type = each.value.type }
    }
    instances_distribution {
      on_demand_base_capacity                  = 0
      on_demand_percentage_above_base_capacity = each.value.option == "spot" ? 0 : 100
      spot_allocation_strategy                 = "price-capacity-optimized"
    }
  }

  lifecycle { prevent_destroy = true }
}

resource "aws_autoscaling_schedule" "change" {
  for_each               = local.aws_changes
  scheduled_action_name  = "${local.aws_pools[each.value.pool].group}-${each.value.minute_of_day}"
  autoscaling_group_name = aws_autoscaling_group.pool[each.value.pool].name
  recurrence             = each.value.cron
  time_zone              = "Etc/UTC"
  min_size               = each.value.min
  max_size               = each.value.max
  desired_capacity       = local.aws_pools[each.value.pool].owns == "bounds" ? -1 : each.value.desired
}
