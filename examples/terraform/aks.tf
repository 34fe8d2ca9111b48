# Agent pools of AKS; clusters are yours, by their ids.

variable "aks_cluster_ids" {
  description = "Resource id of each cluster, by its name."
  type        = map(string)
}

locals {
  aks_pools = { for name, pool in var.prescale_pools : name => pool if pool.kind == "aks-agent-pool" }
}

resource "azurerm_kubernetes_cluster_node_pool" "pool" {
  for_each              = local.aks_pools
  name                  = each.value.group
  kubernetes_cluster_id = var.aks_cluster_ids[each.value.cluster]
  vm_size               = each.value.type
  zones                 = each.value.zones
  node_count            = each.value.owns == "count" ? each.value.desired : null
  auto_scaling_enabled  = each.value.owns == "bounds"
  min_count             = each.value.owns == "bounds" ? each.value.min : null
  max_count             = each.value.owns == "bounds" ? max(1, each.value.max) : null
  priority              = each.value.option == "spot" ? "Spot" : "Regular"
  eviction_policy       = each.value.option == "spot" ? "Delete" : null
  spot_max_price        = each.value.option == "spot" ? -1 : null

  lifecycle {
    prevent_destroy = true
    # Azure adds these to spot nodes by itself
    ignore_changes = [node_labels, node_taints]
  }
}
