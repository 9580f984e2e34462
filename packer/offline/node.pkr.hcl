# An image that is not running: a chroot, or a raw image that is mounted. The same root, package and bundle make the
# same files of ours, byte for byte. As root:
#   packer build -var root=/mnt/image -var package=node-ca-trust_0.1.0_amd64.deb -var bundle=corporate-ca.pem .

variable "root" {
  type        = string
  description = "The directory below which the image's files are."
}

variable "package" {
  type        = string
  description = "The .deb of node-ca-trust."
}

variable "bundle" {
  type        = string
  default     = ""
  description = "File with the CAs that the image itself shall hold, whatever its name; empty for none."
}

# No machine is made: everything happens on the one that packer runs on.
source "null" "root" {
  communicator = "none"
}

build {
  sources = ["source.null.root"]

  provisioner "shell-local" {
    environment_vars = ["ROOT=${var.root}", "PACKAGE=${var.package}", "BUNDLE=${var.bundle}", "HERE=${path.root}"]
    inline           = ["sh \"$HERE/offline.sh\" \"$ROOT\" \"$PACKAGE\" \"$BUNDLE\""]
  }
}
