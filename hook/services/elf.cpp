#include "services/elf.hpp"

#include <optional>

#include "base/text.hpp"

namespace nct {

namespace {

constexpr std::size_t kHeaderBytes = 64;
// A file that takes more to be read, since its lists turn in circles, is broken; libc takes some thousands.
constexpr std::size_t kMostReads = 1'000'000;
constexpr std::size_t kLongestText = 4096;
constexpr std::uint16_t kX86_64 = 62;    // EM_X86_64
constexpr std::uint16_t kAarch64 = 183;  // EM_AARCH64

enum class Segment : std::uint32_t { load = 1, dynamic = 2, interp = 3, note = 4 };
enum class Tag : std::uint64_t {
  null = 0,
  needed = 1,
  strings = 5,
  version_definitions = 0x6ffffffc,
  version_needs = 0x6ffffffe,
};
constexpr std::uint64_t kWeak = 2;  // VER_FLG_WEAK
constexpr std::uint64_t kDlopenNote = 0x407c0c0a;
constexpr std::string_view kDlopenOwner{"FDO\0", 4};

struct Header {
  Segment type{};
  std::uint64_t offset = 0;
  std::uint64_t address = 0;
  std::uint64_t size = 0;
};

// Numbers and texts at offsets, of which nothing is believed: one outside of the file makes it broken.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  [[nodiscard]] bool broken() const { return broken_; }

  template <class Number>
  Number number(std::uint64_t offset) {
    if (++reads_ > kMostReads || offset > bytes_.size() || bytes_.size() - offset < sizeof(Number)) {
      broken_ = true;
      return 0;
    }
    Number value = 0;
    for (std::size_t i = sizeof(Number); i-- > 0;)
      value = static_cast<Number>(value << 8U | static_cast<unsigned char>(bytes_[offset + i]));
    return value;
  }

  std::string_view piece(std::uint64_t offset, std::uint64_t size) {
    if (offset > bytes_.size() || bytes_.size() - offset < size) {
      broken_ = true;
      return {};
    }
    return bytes_.substr(offset, size);
  }

  std::string text(std::uint64_t offset) {
    const auto rest = offset < bytes_.size() ? bytes_.substr(offset, kLongestText) : std::string_view();
    const auto end = rest.find('\0');
    broken_ = broken_ || end == std::string_view::npos;
    return std::string(rest.substr(0, end == std::string_view::npos ? 0 : end));
  }

 private:
  std::string_view bytes_;
  std::size_t reads_ = 0;
  bool broken_ = false;
};

class Elf {
 public:
  explicit Elf(std::string_view bytes) : read_(bytes) {}

  std::optional<ElfFile> file() {
    read_headers();
    for (const auto& header : headers_) {
      if (header.type == Segment::interp) file_.interpreter = read_.text(header.offset);
      if (header.type == Segment::note) take_notes(header);
      if (header.type == Segment::dynamic) take_dynamic(header);
    }
    return read_.broken() ? std::nullopt : std::optional(std::move(file_));
  }

 private:
  void read_headers() {
    file_.machine = read_.number<std::uint16_t>(18);
    const auto table = read_.number<std::uint64_t>(32);
    const auto size = read_.number<std::uint16_t>(54);
    const auto count = read_.number<std::uint16_t>(56);
    for (std::uint64_t i = 0; i < count && !read_.broken(); ++i) {
      const auto at = table + i * size;
      headers_.push_back({.type = Segment{read_.number<std::uint32_t>(at)},
                          .offset = read_.number<std::uint64_t>(at + 8),
                          .address = read_.number<std::uint64_t>(at + 16),
                          .size = read_.number<std::uint64_t>(at + 32)});
    }
  }

  // Where in the file an address of the loaded program comes from; behind any file, where it comes from
  // nowhere.
  [[nodiscard]] std::uint64_t offset_of(std::uint64_t address) const {
    for (const auto& header : headers_)
      if (header.type == Segment::load && address >= header.address && address - header.address < header.size)
        return address - header.address + header.offset;
    return ~std::uint64_t{0};
  }

  void take_dynamic(const Header& header) {
    std::vector<std::uint64_t> names;
    std::uint64_t strings = 0;
    std::uint64_t needs = 0;
    std::uint64_t definitions = 0;
    for (std::uint64_t at = header.offset; at - header.offset < header.size && !read_.broken(); at += 16) {
      const auto value = read_.number<std::uint64_t>(at + 8);
      const Tag tag{read_.number<std::uint64_t>(at)};
      if (tag == Tag::null) break;
      if (tag == Tag::needed) names.push_back(value);
      if (tag == Tag::strings) strings = offset_of(value);
      if (tag == Tag::version_needs) needs = offset_of(value);
      if (tag == Tag::version_definitions) definitions = offset_of(value);
    }
    for (const auto name : names)
      file_.needed.push_back(read_.text(strings + name));
    if (needs != 0) take_needs(needs, strings);
    if (definitions != 0) take_definitions(definitions, strings);
  }

  // Elf64_Verneed, and a list of Elf64_Vernaux for each.
  void take_needs(std::uint64_t at, std::uint64_t strings) {
    while (!read_.broken()) {
      auto& versions = file_.versions_needed[read_.text(strings + read_.number<std::uint32_t>(at + 4))];
      auto one = at + read_.number<std::uint32_t>(at + 8);
      for (auto count = read_.number<std::uint16_t>(at + 2); count > 0 && !read_.broken(); --count) {
        const auto name = read_.text(strings + read_.number<std::uint32_t>(one + 8));
        if ((read_.number<std::uint16_t>(one + 4) & kWeak) == 0) versions.insert(name);
        one += read_.number<std::uint32_t>(one + 12);
      }
      const auto next = read_.number<std::uint32_t>(at + 12);
      if (next == 0) return;
      at += next;
    }
  }

  // Elf64_Verdef; the first Elf64_Verdaux of each is its name.
  void take_definitions(std::uint64_t at, std::uint64_t strings) {
    while (!read_.broken()) {
      const auto name = at + read_.number<std::uint32_t>(at + 12);
      file_.versions.insert(read_.text(strings + read_.number<std::uint32_t>(name)));
      const auto next = read_.number<std::uint32_t>(at + 16);
      if (next == 0) return;
      at += next;
    }
  }

  void take_notes(const Header& header) {
    const auto padded = [](std::uint64_t size) { return (size + 3) / 4 * 4; };
    for (std::uint64_t at = header.offset; at - header.offset + 12 <= header.size && !read_.broken();) {
      const auto name_size = read_.number<std::uint32_t>(at);
      const auto size = read_.number<std::uint32_t>(at + 4);
      const auto name = read_.piece(at + 12, name_size);
      const auto content = read_.piece(at + 12 + padded(name_size), size);
      if (read_.number<std::uint32_t>(at + 8) == kDlopenNote && name == kDlopenOwner)
        take_dlopen(content.substr(0, content.find('\0')));
      at += 12 + padded(name_size) + padded(size);
    }
  }

  // A list of objects in JSON; of each, the first text of the list "soname". (All of JSON's grammar would be
  // 60 kB of program.)
  void take_dlopen(std::string_view json) {
    constexpr std::string_view kKey = "\"soname\"";
    for (auto at = json.find(kKey); at != std::string_view::npos; at = json.find(kKey, at + 1)) {
      const auto begin = json.find('"', at + kKey.size());
      const auto end = begin == std::string_view::npos ? begin : json.find('"', begin + 1);
      if (end == std::string_view::npos) return;
      file_.loaded.emplace_back(json.substr(begin + 1, end - begin - 1));
    }
  }

  Reader read_;
  ElfFile file_;
  std::vector<Header> headers_;
};

}  // namespace

Result<ElfFile> elf_from(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes || !bytes.starts_with("\x7f"
                                                        "ELF"))
    return fail(Errc::in_the_way, "it is no program or library (no ELF file)");
  if (bytes[4] != 2 || bytes[5] != 1) return fail(Errc::in_the_way, "it is not of 64 bits, little-endian");
  auto file = Elf(bytes).file();
  if (!file)
    return fail(Errc::in_the_way, "its ELF structures lead out of the file: it is cut off, or damaged");
  return *std::move(file);
}

std::vector<std::string> cached_paths(std::string_view cache, std::string_view name) {
  constexpr std::string_view kMagic = "glibc-ld.so.cache1.1";
  constexpr std::uint64_t kCacheHeader = 48;
  constexpr std::uint64_t kEntry = 24;
  std::vector<std::string> paths;
  const auto begin = cache.find(kMagic);  // an older format may stand in front
  if (begin == std::string_view::npos) return paths;
  Reader read(cache.substr(begin));
  const auto count = read.number<std::uint32_t>(kMagic.size());
  for (std::uint64_t i = 0; i < count && !read.broken(); ++i) {
    const auto at = kCacheHeader + i * kEntry;
    if (read.text(read.number<std::uint32_t>(at + 4)) == name)
      paths.push_back(read.text(read.number<std::uint32_t>(at + 8)));
  }
  return paths;
}

std::vector<std::string> library_directories(std::uint16_t machine) {
  std::vector<std::string> directories;
  for (const char* top : {"/lib", "/usr/lib"}) {
    if (machine == kX86_64) directories.push_back(concat(top, "/x86_64-linux-gnu"));
    if (machine == kAarch64) directories.push_back(concat(top, "/aarch64-linux-gnu"));
  }
  for (const char* plain : {"/lib64", "/usr/lib64", "/lib", "/usr/lib"})
    directories.emplace_back(plain);
  return directories;
}

}  // namespace nct
