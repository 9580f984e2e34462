# A disk for qemu, from a cloud image such as Debian's "genericcloud" qcow2.
#   packer init . && packer build -var image=debian-12-genericcloud-amd64.qcow2 -var seed=seed \
#     -var ssh_private_key_file=key -var package=node-ca-trust_0.1.0_amd64.deb -var bundle=corporate-ca.pem .

variable "package" {
  type        = string
  description = "The .deb of node-ca-trust."
}

variable "bundle" {
  type        = string
  default     = ""
  description = "File with the CAs that the image itself shall hold, whatever its name; empty for none."
}

variable "image" {
  type        = string
  description = "The qcow2 to begin with, a path or URL. It is copied, not changed."
}

variable "image_checksum" {
  type        = string
  default     = "none"
  description = "As \"sha512:...\"; none is for a file of your own."
}

variable "seed" {
  type        = string
  description = "Directory with user-data and meta-data that let ssh_username log in with the key, and use sudo."
}

variable "ssh_username" {
  type    = string
  default = "debian"
}

variable "ssh_private_key_file" {
  type = string
}

variable "accelerator" {
  type        = string
  default     = "kvm"
  description = "tcg emulates the processor where there is no KVM; ten times as slow."
}

source "qemu" "node" {
  iso_url          = var.image
  iso_checksum     = var.image_checksum
  disk_image       = true
  skip_resize_disk = true
  format           = "qcow2"
  accelerator      = var.accelerator
  headless         = true
  memory           = 1024
  # cloud-init asks here for its seed: the machine's serial number says so.
  http_directory       = var.seed
  qemuargs             = [["-smbios", "type=1,serial=ds=nocloud-net;s=http://{{ .HTTPIP }}:{{ .HTTPPort }}/"]]
  ssh_username         = var.ssh_username
  ssh_private_key_file = var.ssh_private_key_file
  ssh_timeout          = "15m"
  shutdown_command     = "sudo systemctl poweroff"
  output_directory     = "output"
  vm_name              = "node.qcow2"
}

build {
  sources = ["source.qemu.node"]

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

  # The image is to boot as a new machine: cloud-init runs again, with another machine-id.
  provisioner "shell" {
    inline          = ["cloud-init clean --logs && : >/etc/machine-id"]
    execute_command = "chmod +x {{ .Path }}; sudo env {{ .Vars }} sh {{ .Path }}"
  }
}
