# A VHD for Azure. Authentication is that of "az login".
#   packer init . && packer build -var subscription_id=... -var resource_group=... -var storage_account=... \
#     -var package=node-ca-trust_0.1.0_amd64.deb -var bundle=corporate-ca.pem .

variable "package" {
  type        = string
  description = "The .deb of node-ca-trust."
}

variable "bundle" {
  type        = string
  default     = ""
  description = "File with the CAs that the image itself shall hold, whatever its name; empty for none."
}

variable "subscription_id" {
  type = string
}

variable "resource_group" {
  type        = string
  description = "Where the storage account is."
}

variable "storage_account" {
  type        = string
  description = "Where the VHD is put, into the container system/Microsoft.Compute/Images/node-ca-trust."
}

variable "location" {
  type    = string
  default = "westeurope"
}

source "azure-arm" "node" {
  use_azure_cli_auth     = true
  subscription_id        = var.subscription_id
  resource_group_name    = var.resource_group
  storage_account        = var.storage_account
  capture_container_name = "node-ca-trust"
  capture_name_prefix    = "node"
  location               = var.location
  vm_size                = "Standard_D2s_v3"
  os_type                = "Linux"
  image_publisher        = "Debian"
  image_offer            = "debian-12"
  image_sku              = "12"
}

build {
  sources = ["source.azure-arm.node"]

  # The package, and the bundle if there is one.
  provisioner "shell" {
    inline = ["mkdir -p /tmp/node-ca-trust"]
  }

  provisioner "file" {
    sources     = compact([var.package, var.bundle])
    destination = "/tmp/node-ca-trust/"
  }

  # Installs, bakes, and is the gate, which looks for each of the CAs: its exit status ends the build.
  provisioner "shell" {
    script          = "${path.root}/../install.sh"
    execute_command = "chmod +x {{ .Path }}; sudo env {{ .Vars }} {{ .Path }} /tmp/node-ca-trust"
  }

  # Users, keys and host names of the build stay out of the image; last, since nobody can log in afterwards.
  provisioner "shell" {
    inline          = ["waagent -force -deprovision+user && HISTSIZE=0 sync"]
    execute_command = "chmod +x {{ .Path }}; sudo env {{ .Vars }} sh {{ .Path }}"
  }
}
