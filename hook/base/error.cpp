#include "base/error.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

#include "base/text.hpp"

namespace nct {

Error Error::within(std::string_view context) && {
  message = concat(context, ": ", message);
  return std::move(*this);
}

std::unexpected<Error> fail(Errc code, std::string message) {
  return std::unexpected(Error{.code = code, .os_errno = 0, .message = std::move(message)});
}

std::unexpected<Error> fail_errno(std::string_view call, std::string_view subject, int os_errno) {
  const auto code = os_errno == EACCES || os_errno == EPERM ? Errc::not_permitted : Errc::io;
  std::string reason = std::generic_category().message(os_errno);
  if (!reason.empty()) reason[0] = ascii_lower(reason[0]);
  return std::unexpected(Error{
      .code = code, .os_errno = os_errno, .message = concat(call, " '", printable(subject), "': ", reason)});
}

std::unexpected<Error> pass_on(Error error, std::string_view context) {
  return std::unexpected(std::move(error).within(context));
}

}  // namespace nct
