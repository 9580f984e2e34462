#include "rotation/writers.hpp"

#include <algorithm>
#include <chrono>
#include <fcntl.h>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <unistd.h>

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

void Writer::acted() {
  const auto now = std::chrono::steady_clock::now();
  longest_pause_ = std::max(longest_pause_, now - acted_);
  acted_ = now;
}

void Writer::write(const Files& files) {
  acted_ = std::chrono::steady_clock::now();
  replace_by(files);
  acted();
}

void Writer::stall() {
  if (dice_.one_in(4))
    pause(dice_.roll(longest_stall_));
  else if (dice_.one_in(2))
    pause(dice_.roll(20));
  acted();
}

void Writer::write_in_parts(const fs::path& path, const std::string& bytes) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  const auto half = dice_.roll(bytes.size());
  write_all(file, std::string_view(bytes).substr(0, half));
  stall();
  write_all(file, std::string_view(bytes).substr(half));
  ::close(file);
}

void Writer::add(const std::string& name, const std::string& bytes) {
  write_in_parts(certs_ / name, bytes);
  names_.insert(name);
}

void Writer::remove_all() {
  for (const auto& name : names_) {
    fs::remove(certs_ / name);
    stall();
  }
  names_.clear();
}

void Writer::remove_all_but(const std::function<bool(const std::string& name)>& stays) {
  std::erase_if(names_, [&](const std::string& name) { return !stays(name) && fs::remove(certs_ / name); });
}

void PlainWriter::replace_by(const Files& files) {
  remove_all();
  for (const auto& [name, bytes] : files)
    add(name, bytes);
}

void TaggedWriter::replace_by(const Files& files) {
  const auto tag = generation_ == 0 ? std::string(14, '0') : std::to_string(20200822151315 + generation_);
  ++generation_;
  const bool deletes_first = !dice().one_in(3);  // the other one is not today's order
  if (deletes_first) remove_all();
  for (const auto& [name, bytes] : files)
    add(concat(tag, name), bytes);
  remove_all_but([&](const std::string& name) { return name.starts_with(tag); });
}

void AtomicWriter::replace_by(const Files& files) {
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
    if (names().insert(name).second) fs::create_symlink(concat("..data/", name), certs() / name);
  remove_all_but([&](const std::string& name) { return files.contains(name); });
  stall();
  if (!old.empty()) fs::remove_all(certs() / old);
}

}  // namespace nct::test
