# Regional managed instance groups; instance templates are yours, by pool name.

variable "gcp_instance_templates" { type = map(string) }

locals {
  gcp_pools = { for name, pool in var.prescale_pools : name => pool if pool.cloud == "gcp" && pool.kind == "group" }
}

resource "google_compute_region_instance_group_manager" "pool" {
  for_each                         = local.gcp_pools
  name                             = each.value.group
  region                           = each.value.region
  base_instance_name               = each.value.group
  distribution_policy_zones        = each.value.zones
  target_size                      = length(each.value.schedule) == 0 && each.value.owns == "count" ? each.value.desired : null
  wait_for_instances               = false

  version { instance_template = var.gcp_instance_templates[each.key] }

  lifecycle { prevent_destroy = true }
}

resource "google_compute_region_autoscaler" "pool" {
  for_each = { for name, pool in local.gcp_pools : name => pool if length(pool.schedule) > 0 || pool.owns == "bounds" }
  name     = each.value.group
  region   = each.value.region
  target   = google_compute_region_instance_group_manager.pool[each.key].id

  autoscaling_policy {
    min_replicas = each.value.owns == "bounds" ? each.value.min : min(each.value.schedule[*].min...)
    max_replicas = max(1, each.value.max, each.value.schedule[*].max...)

    dynamic "scaling_schedules" {
      for_each = each.value.schedule
      content {
        name                  = format("at-%04d", scaling_schedules.value.minute_of_day)
        schedule              = "${scaling_schedules.value.minute_of_day % 60} ${floor(scaling_schedules.value.minute_of_day / 60)} * * *"
        time_zone             = "Etc/UTC"
        duration_sec          = scaling_schedules.value.lasts_minutes * 60
        min_required_replicas = each.value.owns == "bounds" ? scaling_schedules.value.min : scaling_schedules.value.desired
      }
    }
  }
}
