#include "sys/service_manager.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "base/handle.hpp"
#include "base/text.hpp"
#include "sys/libsystemd.hpp"

namespace nct {

namespace {

constexpr const char* kDestination = "org.freedesktop.systemd1";
constexpr const char* kManagerPath = "/org/freedesktop/systemd1";
constexpr const char* kManager = "org.freedesktop.systemd1.Manager";
constexpr const char* kUnit = "org.freedesktop.systemd1.Unit";
constexpr const char* kService = "org.freedesktop.systemd1.Service";
// systemd answers within milliseconds, but for a reload on a slow disk; its own default is 25 s.
constexpr std::uint64_t kAnswerMicroseconds = 60'000'000;

// Gives back by a function that was loaded, so not by a Handle.
template <class T>
class Held {
 public:
  explicit Held(T* (*release)(T*)) : release_(release) {}
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  ~Held() {
    if (thing_ != nullptr) release_(thing_);
  }
  [[nodiscard]] T* get() const { return thing_; }
  T** out() { return &thing_; }

 private:
  T* thing_ = nullptr;
  T* (*release_)(T*);
};
using Message = Held<sd_bus_message>;

class BusError {
 public:
  explicit BusError(const LibSystemd& library) : library_(library) {}
  BusError(const BusError&) = delete;
  BusError& operator=(const BusError&) = delete;
  ~BusError() { library_.bus_error_free(&error_); }
  sd_bus_error* out() { return &error_; }
  [[nodiscard]] std::string text(int negative_errno) const {
    if (error_.message != nullptr) return printable(error_.message);
    return std::strerror(-negative_errno);
  }

 private:
  const LibSystemd& library_;
  sd_bus_error error_{};  // SD_BUS_ERROR_NULL is no C++
};

// sd-bus allocates texts, and lists of them, by malloc(3).
void free_memory(void* memory) {
  std::free(memory);  // NOLINT(cppcoreguidelines-no-malloc,cppcoreguidelines-owning-memory)
}
void free_list(char** list) {
  free_memory(static_cast<void*>(list));
}

std::unexpected<Error> refused(std::string_view call, std::string_view subject, std::string_view reason) {
  return fail(Errc::systemd, concat(call, " '", printable(subject), "': ", reason));
}

// A job that is waited for.
struct Job {
  const LibSystemd* library = nullptr;
  std::string path;
  std::string result;  // of JobRemoved; empty until it has ended
  // JobRemoved can come before the answer that names the job.
  std::vector<std::pair<std::string, std::string>> ended;
};

int on_job_removed(sd_bus_message* message, void* data, sd_bus_error* /*error*/) {
  auto& job = *static_cast<Job*>(data);
  std::uint32_t id = 0;
  const char* path = nullptr;
  const char* unit = nullptr;
  const char* result = nullptr;
  if (job.library->bus_message_read(message, "uoss", &id, &path, &unit, &result) >= 0)
    job.ended.emplace_back(path, result);
  return 0;
}

class Systemd : public ServiceManager {
 public:
  explicit Systemd(const LibSystemd& library) : library_(library), bus_(library.bus_flush_close_unref) {}

  Result<void> connect() {
    if (::geteuid() == 0 && library_.bus_new(bus_.out()) >= 0) {
      if (library_.bus_set_address(bus_.get(), "unix:path=/run/systemd/private") >= 0 &&
          library_.bus_start(bus_.get()) >= 0)
        return {};
      library_.bus_flush_close_unref(std::exchange(*bus_.out(), nullptr));
    }
    const int opened = library_.bus_open_system(bus_.out());
    if (opened < 0) return refused("connect", "systemd", std::strerror(-opened));
    return {};
  }

  Result<UnitStatus> status(const std::string& unit) override {
    NCT_TRY(const auto path, path_of(unit));
    UnitStatus status;
    NCT_TRY(status.state, text_property(path, kUnit, "ActiveState", unit));
    if (!status.runs()) return status;
    if (unit.ends_with(".service")) {
      NCT_TRY(status.started, time_property(path, kService, "ExecMainStartTimestampMonotonic", unit));
      NCT_TRY(status.started_wall, time_property(path, kService, "ExecMainStartTimestamp", unit));
    }
    if (status.started == 0) {
      NCT_TRY(status.started, time_property(path, kUnit, "ActiveEnterTimestampMonotonic", unit));
      NCT_TRY(status.started_wall, time_property(path, kUnit, "ActiveEnterTimestamp", unit));
    }
    return status;
  }

  Result<Restarted> restart(const std::string& unit, std::chrono::milliseconds patience) override {
    NCT_TRY(const bool behind_us, waits_for_us(unit));
    Job job{.library = &library_, .path = {}, .result = {}, .ended = {}};
    Held<sd_bus_slot> slot(library_.bus_slot_unref);
    const int matched = library_.bus_add_match(
        bus_.get(), slot.out(),
        "type='signal',path='/org/freedesktop/systemd1',interface='org.freedesktop.systemd1.Manager',"
        "member='JobRemoved'",
        on_job_removed, &job);
    if (matched < 0) return refused("watch", unit, std::strerror(-matched));
    // By way of the daemon, signals are sent to who subscribed; on systemd's own socket, to everybody.
    Message ignored(library_.bus_message_unref);
    NCT_CHECK(call("Subscribe", unit, ignored, [](sd_bus_message*) { return 0; }));
    // systemd counts starts, whoever asked for them, and gives a unit up after a few: by default for good
    // after 5 in 10 s. That is for units that fail; a busy writer of CAs must not take a sound one down. What
    // is wrong with the unit, the restart itself will say.
    Message reset(library_.bus_message_unref);
    (void)call("ResetFailedUnit", unit, reset, [&](sd_bus_message* message) {
      return library_.bus_message_append(message, "s", unit.c_str());
    });
    Message answer(library_.bus_message_unref);
    NCT_CHECK(call("RestartUnit", unit, answer, [&](sd_bus_message* message) {
      return library_.bus_message_append(message, "ss", unit.c_str(), "replace");
    }));
    if (behind_us) return Restarted::queued;
    const char* path = nullptr;
    const int read = library_.bus_message_read(answer.get(), "o", &path);
    if (read < 0) return refused("RestartUnit", unit, std::strerror(-read));
    job.path = path;
    NCT_CHECK(wait(job, unit, patience));
    if (job.result != "done") return refused("RestartUnit", unit, concat("the job ended as ", job.result));
    return Restarted::done;
  }

  Result<void> start(const std::string& unit, Start how) override {
    Message answer(library_.bus_message_unref);
    return call(how == Start::afresh ? "RestartUnit" : "StartUnit", unit, answer,
                [&](sd_bus_message* message) {
                  return library_.bus_message_append(message, "ss", unit.c_str(), "replace");
                });
  }

  Result<void> enable(std::span<const std::string> units) override {
    Message answer(library_.bus_message_unref);
    return call("EnableUnitFiles", units.empty() ? "" : units.front(), answer, [&](sd_bus_message* message) {
      std::vector<std::string> names(units.begin(), units.end());
      std::vector<char*> pointers;
      for (auto& name : names)
        pointers.push_back(name.data());
      pointers.push_back(nullptr);
      const int listed = library_.bus_message_append_strv(message, pointers.data());
      // For good, not until the next boot; and nothing of somebody else's is replaced.
      return listed < 0 ? listed : library_.bus_message_append(message, "bb", 0, 0);
    });
  }

  Result<void> reload() override {
    Message answer(library_.bus_message_unref);
    return call("Reload", "systemd", answer, [](sd_bus_message*) { return 0; });
  }

 private:
  template <class Fill>
  Result<void> call(const char* method, const std::string& subject, Message& answer, Fill fill) {
    Message message(library_.bus_message_unref);
    int done = library_.bus_message_new_method_call(bus_.get(), message.out(), kDestination, kManagerPath,
                                                    kManager, method);
    if (done >= 0) done = fill(message.get());
    if (done < 0) return refused(method, subject, std::strerror(-done));
    BusError error(library_);
    done = library_.bus_call(bus_.get(), message.get(), kAnswerMicroseconds, error.out(), answer.out());
    if (done < 0) return refused(method, subject, error.text(done));
    return {};
  }

  // The object that stands for the unit, also where there is no unit of that name.
  Result<std::string> path_of(const std::string& unit) {
    Message answer(library_.bus_message_unref);
    NCT_CHECK(call("LoadUnit", unit, answer, [&](sd_bus_message* message) {
      return library_.bus_message_append(message, "s", unit.c_str());
    }));
    const char* path = nullptr;
    const int read = library_.bus_message_read(answer.get(), "o", &path);
    if (read < 0) return refused("LoadUnit", unit, std::strerror(-read));
    return std::string(path);
  }

  Result<std::string> text_property(const std::string& path, const char* interface, const char* name,
                                    const std::string& unit) {
    BusError error(library_);
    char* value = nullptr;
    const int got = library_.bus_get_property_string(bus_.get(), kDestination, path.c_str(), interface, name,
                                                     error.out(), &value);
    if (got < 0) return refused(name, unit, error.text(got));
    const Handle<char, free_memory> held(value);
    return std::string(value);
  }

  Result<std::uint64_t> time_property(const std::string& path, const char* interface, const char* name,
                                      const std::string& unit) {
    BusError error(library_);
    std::uint64_t value = 0;
    const int got = library_.bus_get_property_trivial(bus_.get(), kDestination, path.c_str(), interface, name,
                                                      error.out(), 't', &value);
    if (got < 0) return refused(name, unit, error.text(got));
    return value;
  }

  // Whether `unit` is ordered after the unit that this process belongs to.
  Result<bool> waits_for_us(const std::string& unit) {
    Message answer(library_.bus_message_unref);
    const auto ours = call("GetUnitByPID", unit, answer, [&](sd_bus_message* message) {
      return library_.bus_message_append(message, "u", static_cast<std::uint32_t>(::getpid()));
    });
    if (!ours) return false;  // of no unit
    const char* own_path = nullptr;
    const int read = library_.bus_message_read(answer.get(), "o", &own_path);
    if (read < 0) return refused("GetUnitByPID", unit, std::strerror(-read));
    NCT_TRY(const auto own_name, text_property(own_path, kUnit, "Id", unit));
    NCT_TRY(const auto path, path_of(unit));
    BusError error(library_);
    char** names = nullptr;
    const int got = library_.bus_get_property_strv(bus_.get(), kDestination, path.c_str(), kUnit, "After",
                                                   error.out(), &names);
    if (got < 0) return refused("After", unit, error.text(got));
    const Handle<char*, free_list> held(names);
    bool found = false;
    for (char* const* name = names; name != nullptr && *name != nullptr; ++name) {
      const Handle<char, free_memory> text(*name);
      found = found || own_name == text.get();
    }
    return found;
  }

  Result<void> wait(Job& job, const std::string& unit, std::chrono::milliseconds patience) {
    const auto end = std::chrono::steady_clock::now() + patience;
    for (;;) {
      for (const auto& [path, result] : job.ended)
        if (path == job.path) job.result = result;
      if (!job.result.empty()) return {};
      const int processed = library_.bus_process(bus_.get(), nullptr);
      if (processed < 0) return refused("RestartUnit", unit, std::strerror(-processed));
      if (processed > 0) continue;
      const auto left =
          std::chrono::duration_cast<std::chrono::microseconds>(end - std::chrono::steady_clock::now());
      if (left.count() <= 0)
        return refused("RestartUnit", unit,
                       concat("not done after ", std::to_string(patience.count() / 1000), " seconds"));
      const int waited = library_.bus_wait(bus_.get(), static_cast<std::uint64_t>(left.count()));
      if (waited < 0 && waited != -EINTR) return refused("RestartUnit", unit, std::strerror(-waited));
    }
  }

  const LibSystemd& library_;
  Held<sd_bus> bus_;
};

}  // namespace

bool systemd_runs() {
  struct stat status{};
  return ::lstat("/run/systemd/system", &status) == 0 && S_ISDIR(status.st_mode);
}

Result<std::unique_ptr<ServiceManager>> connect_to_systemd() {
  NCT_TRY(const auto* library, libsystemd());
  auto systemd = std::make_unique<Systemd>(*library);
  NCT_CHECK(systemd->connect());
  return systemd;
}

}  // namespace nct
