# Scale sets in flexible orchestration; profile and image are yours and left out here but for what a set cannot do without.

variable "azure_resource_group" { type = string }
variable "azure_subnet_id" { type = string }
variable "azure_ssh_public_key" { type = string }

locals {
  azure_pools = { for name, pool in var.prescale_pools : name => pool if pool.cloud == "azure" && pool.kind == "group" }
}

resource "azurerm_orchestrated_virtual_machine_scale_set" "pool" {
  for_each                    = local.azure_pools
  name                        = each.value.group
  resource_group_name         = var.azure_resource_group
  location                    = each.value.region
  zones                       = each.value.zones
  platform_fault_domain_count = 1
  sku_name                    = each.value.type
  instances                   = each.value.desired
  priority                    = each.value.option == "spot" ? "Spot" : "Regular"
  eviction_policy             = each.value.option == "spot" ? "Delete" : null

  os_profile {
    linux_configuration {
      admin_username = "azureuser"
      admin_ssh_key {
        username   = "azureuser"
        public_key = var.azure_ssh_public_key
      }
    }
  }
  os_disk {
    caching              = "ReadWrite"
    storage_account_type = "StandardSSD_LRS"
  }
  source_image_reference {
    publisher = "Canonical"
    offer     = "ubuntu-24_04-lts"
    sku       = "server"
    version   = "latest"
  }
  network_interface {
    name    = "nic"
    primary = true
    ip_configuration {
      name      = "ip"
      primary   = true
      subnet_id = var.azure_subnet_id
    }
  }

  lifecycle {
    prevent_destroy = true
    # the setting below moves the count of a pool that has one
    ignore_changes = [instances]
  }
}

resource "azurerm_monitor_autoscale_setting" "pool" {
  for_each            = local.azure_pools
  name                = each.value.group
  resource_group_name = var.azure_resource_group
  location            = each.value.region
  target_resource_id  = azurerm_orchestrated_virtual_machine_scale_set.pool[each.key].id

  profile {
    name = "default"
    capacity {
      minimum = each.value.owns == "bounds" ? each.value.min : each.value.desired
      maximum = each.value.owns == "bounds" ? each.value.max : each.value.desired
      default = each.value.desired
    }
  }

  dynamic "profile" {
    for_each = slice(each.value.schedule, 0, min(19, length(each.value.schedule)))
    content {
      name = format("at-%04d", profile.value.minute_of_day)
      capacity {
        minimum = each.value.owns == "bounds" ? profile.value.min : profile.value.desired
        maximum = each.value.owns == "bounds" ? profile.value.max : profile.value.desired
        default = profile.value.desired
      }
      recurrence {
        timezone = "UTC"
        days     = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
        hours    = [floor(profile.value.minute_of_day / 60)]
        minutes  = [profile.value.minute_of_day % 60]
      }
    }
  }
}
