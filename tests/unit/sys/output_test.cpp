#include "sys/output.hpp"

#include <array>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <string>
#include <thread>
#include <unistd.h>

#include "sys/fd.hpp"

using namespace nct;

namespace {

struct Pipe {
  Fd read;
  Fd write;
  explicit Pipe(int flags = 0) {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC | flags) == 0);
    read = Fd(ends[0]);
    write = Fd(ends[1]);
  }
};

}  // namespace

TEST_CASE("what cannot be written is an error that says why") {
  const Fd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  auto written = write_output(full.get(), "standard output", "text");
  REQUIRE_FALSE(written);
  CHECK(written.error().code == Errc::io);
  CHECK(written.error().message == "write 'standard output': no space left on device");
  CHECK(write_output(full.get(), "standard output", ""));
  const Fd wrong_way(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  CHECK(write_output(wrong_way.get(), "standard output", "text").error().os_errno == EBADF);
}

TEST_CASE("a pipe that does not block is waited for while somebody reads it") {
  Pipe pipe(O_NONBLOCK);
  const std::string text(std::size_t{1} << 20U, 'x');
  std::string got;
  std::jthread reader([&] {
    std::array<char, 4096> buffer{};
    while (got.size() < text.size()) {
      const auto length = ::read(pipe.read.get(), buffer.data(), buffer.size());
      if (length > 0) got.append(buffer.data(), static_cast<std::size_t>(length));
    }
  });
  CHECK(write_output(pipe.write.get(), "standard output", text));
  reader.join();
  CHECK(got == text);
}
