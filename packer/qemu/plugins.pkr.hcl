# For Packer from 1.7 on. Older ones, as Debian's, have the builder inside, and do not know this block: delete this file.
packer {
  required_plugins {
    qemu = {
      source  = "github.com/hashicorp/qemu"
      version = ">= 1.0.0"
    }
  }
}
