#include "rotation/writers.hpp"

#include <chrono>
#include <fcntl.h>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <unistd.h>
#include <vector>

#include "base/text.hpp"

namespace nct::test {

namespace fs = std::filesystem;

namespace {

void pause(std::size_t milliseconds) {
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
}

void write_all(int file, std::string_view bytes) {
  if (::write(file, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
    throw std::runtime_error("a writer could not write");
}

}  // namespace

void Writer::stall() {
  if (dice_.one_in(4))
    pause(dice_.roll(longest_stall_));
  else if (dice_.one_in(2))
    pause(dice_.roll(20));
}

void Writer::write_in_parts(const fs::path& path, const std::string& bytes) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  const auto half = dice_.roll(bytes.size());
  write_all(file, std::string_view(bytes).substr(0, half));
  stall();
  write_all(file, std::string_view(bytes).substr(half));
  ::close(file);
}

void Writer::delete_all() {
  std::vector<fs::path> there;
  for (const auto& entry : fs::directory_iterator(certs_))
    there.push_back(entry.path());
  for (const auto& path : there) {
    fs::remove(path);
    stall();
  }
}

void PlainWriter::write(const Files& files) {
  delete_all();
  for (const auto& [name, bytes] : files)
    write_in_parts(certs() / name, bytes);
}

void TaggedWriter::write(const Files& files) {
  const auto tag = generation_ == 0 ? std::string(14, '0') : std::to_string(20260822151315 + generation_);
  ++generation_;
  if (dice().one_in(3)) {  // another order than today's
    for (const auto& [name, bytes] : files)
      write_in_parts(certs() / concat(tag, name), bytes);
    for (const auto& entry : fs::directory_iterator(certs()))
      if (!entry.path().filename().native().starts_with(tag)) fs::remove(entry.path());
    return;
  }
  delete_all();
  for (const auto& [name, bytes] : files)
    write_in_parts(certs() / concat(tag, name), bytes);
}

void AtomicWriter::write(const Files& files) {
  const auto target = concat("..2026_08_22_15_13_15.", std::to_string(++generation_));
  fs::create_directory(certs() / target);
  for (const auto& [name, bytes] : files)
    write_in_parts(certs() / target / name, bytes);
  std::error_code none;
  const auto old = fs::read_symlink(certs() / "..data", none);
  fs::create_symlink(target, certs() / "..data_tmp");
  fs::rename(certs() / "..data_tmp", certs() / "..data");
  stall();
  for (const auto& [name, bytes] : files)
    if (!fs::is_symlink(certs() / name)) fs::create_symlink(concat("..data/", name), certs() / name);
  for (const auto& entry : fs::directory_iterator(certs())) {
    const auto name = entry.path().filename().native();
    if (!name.starts_with("..") && !files.contains(name)) fs::remove(entry.path());
  }
  stall();
  if (!old.empty()) fs::remove_all(certs() / old);
}

}  // namespace nct::test
