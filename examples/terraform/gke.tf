# Node pools of GKE, whose counts are per zone; clusters are yours, regional ones of the pool's region.

locals {
  gke_pools = { for name, pool in var.prescale_pools : name => pool if pool.kind == "gke-node-pool" }
}

resource "google_container_node_pool" "pool" {
  for_each           = local.gke_pools
  name               = each.value.group
  cluster            = each.value.cluster
  location           = each.value.region
  node_locations     = each.value.zones
  node_count         = each.value.owns == "count" ? ceil(each.value.desired / length(each.value.zones)) : null
  initial_node_count = each.value.owns == "bounds" ? ceil(each.value.desired / length(each.value.zones)) : null

  dynamic "autoscaling" {
    for_each = each.value.owns == "bounds" ? [each.value] : []
    content {
      total_min_node_count = autoscaling.value.min
      total_max_node_count = max(1, autoscaling.value.max)
    }
  }

  node_config {
    machine_type = each.value.type
    spot         = each.value.option == "spot"
  }

  lifecycle {
    prevent_destroy = true
    # another initial count would be another pool
    ignore_changes = [initial_node_count]
  }
}
