// One binary for every node since glibc 2.34. The libgcc inside it, built on Debian 12, finds unwind tables
// through _dl_find_object, which is of glibc 2.35; this stands in for it, with what every glibc has. Drop it
// when no supported distribution has a glibc older than 2.35 (Ubuntu 22.04 has 2.35, RHEL 9 2.34).
#include <cstdint>
#include <link.h>

#if defined(__x86_64__) || defined(__aarch64__)

namespace {

struct Search {
  std::uintptr_t address;
  dl_find_object* found;
};

int look_into(dl_phdr_info* object, std::size_t /*size*/, void* data) {
  const auto& search = *static_cast<Search*>(data);
  const ElfW(Phdr)* frames = nullptr;
  bool holds_address = false;
  std::uintptr_t end = 0;
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const auto& header = object->dlpi_phdr[i];
    const std::uintptr_t start = object->dlpi_addr + header.p_vaddr;
    if (header.p_type == PT_GNU_EH_FRAME) frames = &header;
    if (header.p_type != PT_LOAD || search.address < start || search.address >= start + header.p_memsz)
      continue;
    holds_address = true;
    end = start + header.p_memsz;
  }
  if (!holds_address || frames == nullptr) return 0;
  // NOLINTNEXTLINE(performance-no-int-to-ptr): program headers hold addresses as numbers
  const auto pointer = [](std::uintptr_t value) { return reinterpret_cast<void*>(value); };
  *search.found = {.dlfo_flags = 0,
                   .dlfo_map_start = pointer(object->dlpi_addr),
                   .dlfo_map_end = pointer(end),
                   .dlfo_link_map = nullptr,
                   .dlfo_eh_frame = pointer(object->dlpi_addr + frames->p_vaddr)};
  return 1;
}

}  // namespace

// dlfcn.h of glibc 2.35: 0 if an object with unwind tables holds `address`, else -1.
extern "C" int _dl_find_object(void* address, dl_find_object* result) noexcept {
  Search search{.address = reinterpret_cast<std::uintptr_t>(address), .found = result};
  return dl_iterate_phdr(look_into, &search) == 1 ? 0 : -1;
}

#endif
