// Failures as values: a question that could not be finished is an `Error`, carried in a `Result`.
// A certificate that is refused is not an error; it is a verdict (base/finding.hpp).
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace nct {

// What kind of failure it is, one for each exit status (cmd/exit_status.hpp maps them, after sysexits.h).
enum class Errc {
  usage,          // the command line is wrong
  input,          // an input was refused
  missing_input,  // a named input does not exist
  systemd,        // the service manager refused
  bug,            // an invariant of ours does not hold
  in_the_way,     // something of somebody else's stands where ours must go
  io,             // the kernel refused to read or write
  busy,           // another writer is at work; trying again later helps
  not_permitted,  // the caller may not do this
  configuration,  // a configuration file, or the root itself, is not usable
};

// The message names call, subject and reason, as in "open '/etc/ssl/certs': no such file or directory";
// lower case, no full stop, no advice (advice lives in cmd/).
struct Error {
  Errc code = Errc::bug;
  int os_errno = 0;  // errno of the root cause, 0 where no system call failed
  std::string message;

  // Puts what was being done in front, and keeps code and errno of the root cause.
  Error within(std::string_view context) &&;
};

template <class T>
using Result = std::expected<T, Error>;

// A failure of code `code` with `message`.
std::unexpected<Error> fail(Errc code, std::string message);

// A failed system call: "call 'subject': strerror(os_errno)". EACCES and EPERM become `not_permitted`,
// everything else `io`.
std::unexpected<Error> fail_errno(std::string_view call, std::string_view subject, int os_errno);

// Hands an error on, with context in front.
std::unexpected<Error> pass_on(Error error, std::string_view context);

}  // namespace nct

#define NCT_JOIN_(a, b) a##b
#define NCT_JOIN(a, b) NCT_JOIN_(a, b)

// NCT_TRY(auto x, f()); declares x from f()'s value, or returns f()'s error from the enclosing function.
#define NCT_TRY(declaration, ...) NCT_TRY_(NCT_JOIN(nct_result_, __LINE__), declaration, __VA_ARGS__)
#define NCT_TRY_(result, declaration, ...)                        \
  auto result = (__VA_ARGS__);                                    \
  if (!result) return std::unexpected(std::move(result).error()); \
  declaration = *std::move(result)

// NCT_CHECK(f()); the same for a Result<void>.
#define NCT_CHECK(...)                                                                                    \
  do {                                                                                                    \
    if (auto nct_check = (__VA_ARGS__); !nct_check) return std::unexpected(std::move(nct_check).error()); \
  } while (false)
