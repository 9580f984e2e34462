#include "sys/libsystemd.hpp"

#include <cstdint>
#include <dlfcn.h>
#include <string>

#include "base/text.hpp"

namespace nct {

namespace {

constexpr const char* kLibrary = "libsystemd.so.0";

// The same for who packages us or makes an image of us, and looks into the file: ELF dlopen metadata, a note
// as the UAPI group's specification of that name has it.
struct DlopenNote {
  std::uint32_t name_size = sizeof name;
  std::uint32_t size = sizeof json;
  std::uint32_t type = 0x407c0c0a;
  char name[4] = "FDO";  // NOLINT(modernize-avoid-c-arrays): a layout
  // NOLINTNEXTLINE(modernize-avoid-c-arrays)
  alignas(4) char json[128] =
      R"([{"soname":["libsystemd.so.0"],"feature":"systemd","description":"units and journal","priority":"recommended"}])";
};
[[gnu::used, gnu::section(".note.dlopen")]] alignas(4) constinit const DlopenNote kDlopenNote;

Result<LibSystemd> load() {
  void* const library = ::dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return fail(Errc::systemd, concat("dlopen '", kLibrary, "': ", ::dlerror()));
  LibSystemd functions{};
  std::string missing;
  const auto find = [&](const char* name, auto& function) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): as dlsym(3) has it
    function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(::dlsym(library, name));
    if (function == nullptr) missing = name;
  };
  find("sd_bus_new", functions.bus_new);
  find("sd_bus_set_address", functions.bus_set_address);
  find("sd_bus_start", functions.bus_start);
  find("sd_bus_open_system", functions.bus_open_system);
  find("sd_bus_flush_close_unref", functions.bus_flush_close_unref);
  find("sd_bus_call", functions.bus_call);
  find("sd_bus_add_match", functions.bus_add_match);
  find("sd_bus_process", functions.bus_process);
  find("sd_bus_wait", functions.bus_wait);
  find("sd_bus_slot_unref", functions.bus_slot_unref);
  find("sd_bus_error_free", functions.bus_error_free);
  find("sd_bus_get_property_string", functions.bus_get_property_string);
  find("sd_bus_get_property_trivial", functions.bus_get_property_trivial);
  find("sd_bus_get_property_strv", functions.bus_get_property_strv);
  find("sd_bus_message_new_method_call", functions.bus_message_new_method_call);
  find("sd_bus_message_append", functions.bus_message_append);
  find("sd_bus_message_append_strv", functions.bus_message_append_strv);
  find("sd_bus_message_read", functions.bus_message_read);
  find("sd_bus_message_unref", functions.bus_message_unref);
  find("sd_journal_sendv", functions.journal_sendv);
  find("sd_notify", functions.notify);
  if (!missing.empty()) return fail(Errc::systemd, concat("dlsym '", kLibrary, "': there is no ", missing));
  return functions;
}

}  // namespace

Result<const LibSystemd*> libsystemd() {
  static const auto loaded = load();
  if (!loaded) return std::unexpected(loaded.error());
  return &*loaded;
}

}  // namespace nct
