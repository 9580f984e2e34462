// libsystemd, loaded where it is first needed. For service_manager.cpp, journal.cpp and
// unit_timeout.cpp alone.
//
// It is not linked: with the six libraries it needs itself, that costs every start 0.5 ms, of 1.1 ms that a
// start takes, for lint, for a run that changes nothing, and in an image build where no systemd runs and the
// library need not even be installed. Its soname, libsystemd.so.0, has been the same since 2013.
#pragma once

#include <systemd/sd-bus.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>

#include "base/error.hpp"

namespace nct {

struct LibSystemd {
  // Each is the function of that name in sd-bus(3), sd-journal(3) and sd-daemon(3).
  // NOLINTBEGIN(readability-identifier-naming): they are libsystemd's names
  decltype(&::sd_bus_new) bus_new;
  decltype(&::sd_bus_set_address) bus_set_address;
  decltype(&::sd_bus_start) bus_start;
  decltype(&::sd_bus_open_system) bus_open_system;
  decltype(&::sd_bus_flush_close_unref) bus_flush_close_unref;
  decltype(&::sd_bus_call) bus_call;
  decltype(&::sd_bus_add_match) bus_add_match;
  decltype(&::sd_bus_process) bus_process;
  decltype(&::sd_bus_wait) bus_wait;
  decltype(&::sd_bus_slot_unref) bus_slot_unref;
  decltype(&::sd_bus_error_free) bus_error_free;
  decltype(&::sd_bus_get_property_string) bus_get_property_string;
  decltype(&::sd_bus_get_property_trivial) bus_get_property_trivial;
  decltype(&::sd_bus_get_property_strv) bus_get_property_strv;
  decltype(&::sd_bus_message_new_method_call) bus_message_new_method_call;
  decltype(&::sd_bus_message_append) bus_message_append;
  decltype(&::sd_bus_message_append_strv) bus_message_append_strv;
  decltype(&::sd_bus_message_read) bus_message_read;
  decltype(&::sd_bus_message_unref) bus_message_unref;
  decltype(&::sd_journal_sendv) journal_sendv;
  decltype(&::sd_notify) notify;
  // NOLINTEND(readability-identifier-naming)
};

// Errc::systemd where there is no such library, or it lacks a function.
Result<const LibSystemd*> libsystemd();

}  // namespace nct
