# Node groups of EKS in the region of aws.tf; clusters, role and subnets are yours.

variable "eks_node_role_arn" { type = string }
variable "eks_subnet_ids" { type = list(string) }

locals {
  eks_pools   = { for name, pool in var.prescale_pools : name => pool if pool.kind == "eks-node-group" && pool.region == var.aws_region }
  eks_changes = { for key, change in local.prescale_changes : key => change if contains(keys(local.eks_pools), change.pool) }
}

resource "aws_eks_node_group" "pool" {
  for_each        = local.eks_pools
  cluster_name    = each.value.cluster
  node_group_name = each.value.group
  node_role_arn   = var.eks_node_role_arn
  subnet_ids      = var.eks_subnet_ids
  instance_types  = [each.value.type]
  capacity_type   = each.value.option == "spot" ? "SPOT" : "ON_DEMAND"

  # the bounds of the whole day where the count is the plan's: the actions below move it between them
  scaling_config {
    min_size     = each.value.owns == "count" ? min(each.value.min, each.value.schedule[*].min...) : each.value.min
    desired_size = each.value.desired
    max_size     = max(1, each.value.max, each.value.schedule[*].max...)
  }

  # where a cluster's autoscaler moves the count (owns: bounds), add ignore_changes = [scaling_config[0].desired_size]
  lifecycle { prevent_destroy = true }
}

resource "aws_autoscaling_schedule" "eks_change" {
  for_each               = local.eks_changes
  scheduled_action_name  = "${local.eks_pools[each.value.pool].group}-${each.value.minute_of_day}"
  autoscaling_group_name = aws_eks_node_group.pool[each.value.pool].resources[0].autoscaling_groups[0].name
  recurrence             = each.value.cron
  time_zone              = "Etc/UTC"
  min_size               = local.eks_pools[each.value.pool].owns == "count" ? -1 : each.value.min
  max_size               = local.eks_pools[each.value.pool].owns == "count" ? -1 : each.value.max
  desired_capacity       = local.eks_pools[each.value.pool].owns == "bounds" ? -1 : each.value.desired
}
