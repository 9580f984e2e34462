#include "cmd/options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iterator>
#include <span>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "wish/manifest.hpp"

namespace nct {

namespace {

constexpr std::string_view kCommands[] = {"bake",   "provision", "rotate",   "lint",
                                          "status", "verify",    "distrust", "remove"};

constexpr std::pair<std::string_view, Options::Format> kFormats[] = {
    {"text", Options::Format::text},   {"json", Options::Format::json},   {"github", Options::Format::github},
    {"sarif", Options::Format::sarif}, {"junit", Options::Format::junit},
};

void add_format(CLI::App& command, Options& options, std::string words,
                const std::vector<std::string>& names) {
  std::string type;
  for (const auto& name : names)
    type += concat(type.empty() ? "" : "|", name);
  command
      .add_option_function<std::string>(
          "--format",
          [&options](const std::string& wanted) {
            for (const auto& [name, format] : kFormats)
              if (name == wanted) options.format = format;
          },
          std::move(words))
      ->type_name(type)
      ->check(CLI::IsMember(names).description(""));  // the type says them
}

// An option whose value is a path, or several of them.
CLI::Option* path_option(CLI::Option* option, std::string type) {
  return option->type_name(std::move(type))
      ->check(
          CLI::Validator([](const std::string& path) { return path.empty() ? "an empty path" : ""; }, ""));
}

void add_common(CLI::App& command, Options& options) {
  path_option(
      command.add_option("--root", options.root, "work on the tree below DIR, every path resolved inside it"),
      "DIR");
  path_option(
      command.add_option("--config", options.config, "read FILE in place of /etc/node-ca-trust/config.toml"),
      "FILE");
  const auto name = command.get_name();
  if (name == "lint")
    add_format(
        command, options,
        "text for people (default), json for programs, github for annotations of a workflow, sarif for "
        "code scanning",
        {"text", "json", "github", "sarif"});
  else if (name == "verify")
    add_format(command, options, "text for people (default), json for programs, junit for pipelines",
               {"text", "json", "junit"});
  else
    add_format(command, options, "text for people (default), json for programs", {"text", "json"});
}

void add_dry_run(CLI::App& command, Options& options) {
  command.add_flag("--dry-run", options.dry_run, "print the plan, change nothing");
}

void add_shape(CLI::App& command, Options& options) {
  std::vector<std::string> names;
  for (const auto shape : all_shapes())
    names.emplace_back(name_of(shape));
  command
      .add_option_function<std::string>(
          "--as",
          [&options](const std::string& name) { options.as = shape_named(name).value_or(Shape::sniffed); },
          "read every input in this shape (default: found out)")
      ->type_name("SHAPE")
      ->check(CLI::IsMember(names));
}

// Every word that may follow `command`.
std::vector<std::string> option_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const auto* option : command.get_options())
    for (const auto& name : option->get_lnames())
      names.push_back(concat("--", name));
  return names;
}

Error unknown(std::string_view what, std::string_view word, const std::vector<std::string>& known) {
  const auto near = nearest(word, {known.begin(), known.end()});
  return {.code = Errc::usage,
          .message = concat("unknown ", what, " '", printable(word), "'",
                            near ? concat(", did you mean '", *near, "'?") : std::string())};
}

// Names the command that was meant: the nearest, or one that begins so; or all there are.
Error unknown_command(std::string_view word) {
  const std::vector<std::string> known(std::begin(kCommands), std::end(kCommands));
  auto error = unknown("command", word, known);
  if (error.message.ends_with('?')) return error;
  const auto begun = std::ranges::find_if(known, [&](const auto& each) { return each.starts_with(word); });
  if (begun != known.end()) {
    error.message += concat(", did you mean '", *begun, "'?");
    return error;
  }
  std::string names;
  for (const auto& name : known)
    names += concat(names.empty() ? "" : ", ", name);
  error.message += concat("; there are ", names);
  return error;
}

// What the parser did not expect, in our words.
Error explain(const CLI::ParseError& error, const CLI::App& app, int argc, const char* const* argv) {
  const auto used = app.get_subcommands();
  if (used.empty()) {
    auto known = option_names(app);
    for (const auto* command : app.get_subcommands({}))
      std::ranges::move(option_names(*command), std::back_inserter(known));
    const auto* const option =
        std::find_if(argv + std::min(argc, 1), argv + argc, [](const char* word) { return word[0] == '-'; });
    if (option == argv + argc) return {.code = Errc::usage, .message = "no command is given"};
    const std::string_view word(*option);
    const std::string name(word.substr(0, word.find('=')));
    if (std::ranges::find(known, name) == known.end()) return unknown("option", name, known);
    return {.code = Errc::usage, .message = concat("'", name, "' must stand behind a command")};
  }
  const auto& command = used.front()->get_name();
  const auto known = option_names(*used.front());
  for (int i = 1; i < argc; ++i) {
    const std::string_view word(argv[i]);
    const std::string name(word.substr(0, word.find('=')));
    if (word == "--") break;
    if (word.size() < 2 || word[0] != '-') continue;
    if (std::ranges::find(known, name) == known.end()) return unknown("option", name, known);
    if (i == 1)
      return {.code = Errc::usage, .message = concat("'", name, "' must stand behind '", command, "'")};
  }
  std::string message = error.what();
  std::ranges::replace(message, '\n', ' ');
  const bool sentence =
      message.size() > 1 && message[1] == ascii_lower(message[1]);  // not "FILE is required"
  if (sentence) message[0] = ascii_lower(message[0]);
  return {.code = Errc::usage, .message = concat(command, ": ", trimmed(message))};
}

}  // namespace

Result<Invocation> options_from(int argc, const char* const* argv) {
  if (argc > 1 && argv[1][0] != '-' &&
      std::ranges::find(kCommands, std::string_view(argv[1])) == std::end(kCommands))
    return std::unexpected(unknown_command(argv[1]));

  Options options;
  std::vector<std::string> files;  // of lint, in front of what --from names
  CLI::App app("Installs a private CA bundle into this node's trust store, proved and crash-safe.",
               "node-ca-trust");
  app.set_help_flag("-h,--help", "print this help");
  app.set_version_flag("--version", concat("node-ca-trust ", NCT_VERSION));
  app.require_subcommand(1);
  app.footer("See node-ca-trust(8) for exit statuses, findings and the configuration.");

  auto* bake = app.add_subcommand(
      "bake", "prepare an image: its machines provision before anything else starts, and pay for no proof");
  add_common(*bake, options);
  add_dry_run(*bake, options);
  path_option(
      bake->add_option(
          "--from", options.from,
          "put the certificates of FILE, of the files of a directory, or of standard input ('-') into "
          "the image; may be repeated. Together they are all of its own. Default: those it has stay"),
      "FILE");
  add_shape(*bake, options);

  auto* provision = app.add_subcommand("provision", "install a bundle's certificates into the trust store");
  add_common(*provision, options);
  add_dry_run(*provision, options);
  path_option(
      provision->add_option(
          "--from", options.from,
          "read certificates from FILE, from the files of a directory, from standard input ('-') or from the "
          "environment ('env:'); may be repeated. Together they are all that provisioning installs. Default: "
          "the files of provision.from in the configuration that exist"),
      "FILE");
  add_shape(*provision, options);

  auto* rotate = app.add_subcommand(
      "rotate", "install what the secret-sync directory holds, and follow it until it rests");
  add_common(*rotate, options);
  add_dry_run(*rotate, options);
  path_option(rotate->add_option("--directory", options.directory,
                                 "read DIR in place of rotation.directory in the configuration (/opt/certs)"),
              "DIR");

  auto* lint =
      app.add_subcommand("lint", "judge bundles and explain each finding; changes nothing, needs no root");
  add_common(*lint, options);
  path_option(lint->add_option("FILE", files, "bundles to judge, as --from of provision takes them"), "");
  path_option(lint->add_option("--from", options.from, "the same; may be repeated"), "FILE");
  add_shape(*lint, options);
  lint->add_option(
          "--family", options.family,
          "judge for systems of this family, whatever this one is: debian, gardener, azurelinux3, ...")
      ->type_name("NAME");

  auto* status =
      app.add_subcommand("status", "what is installed, from where, until when, and what has drifted");
  add_common(*status, options);

  auto* verify =
      app.add_subcommand("verify", "prove the store in each view; exit 1 with reasons if it does not hold");
  add_common(*verify, options);
  verify->get_option("--format")
      ->description("text for people (default), json for programs, junit for pipelines")
      ->type_name("text|json|junit");
  auto* image =
      verify->add_flag("--image", options.image,
                       "the gate for images: also what else a machine made from it needs, and must not have");
  path_option(
      verify->add_option(
          "--expect", options.expect,
          "say no where the image does not trust each certificate of FILE, as --from of bake takes it; "
          "may be repeated"),
      "FILE")
      ->needs(image);

  auto* distrust = app.add_subcommand(
      "distrust",
      "take the roots that distrust.fingerprints in the configuration names out of the trust store, and put "
      "back those that it no longer names; provision and bake do so, too");
  add_common(*distrust, options);
  add_dry_run(*distrust, options);

  auto* remove = app.add_subcommand("remove", "take back what was installed, and nothing else");
  add_common(*remove, options);
  add_dry_run(*remove, options);
  remove->add_flag("--all", options.all, "everything of ours");
  remove
      ->add_option("--source", options.sources,
                   "all of one source: provision, proxy, rotation, baked or unknown")
      ->type_name("NAME")
      ->check(
          CLI::IsMember(std::vector<std::string>(std::begin(kSources), std::end(kSources))).description(""));
  remove->add_option("--fingerprint", options.fingerprints, "the certificate with this SHA-256 fingerprint")
      ->type_name("HEX");
  for (auto* command : app.get_subcommands({}))
    command->set_help_flag("-h,--help", "print this help");

  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    const auto used = app.get_subcommands();
    return Invocation{.options = std::nullopt,
                      .text = used.empty() ? app.help() : used.front()->help(app.get_name())};
  } catch (const CLI::CallForVersion& version) {
    return Invocation{.options = std::nullopt, .text = concat(version.what(), "\n")};
  } catch (const CLI::ParseError& error) {
    return std::unexpected(explain(error, app, argc, argv));
  }

  options.command_name = app.get_subcommands().front()->get_name();
  const auto place = std::ranges::find(kCommands, options.command_name) - std::begin(kCommands);
  options.command = static_cast<Options::Command>(place);
  options.from.insert(options.from.begin(), files.begin(), files.end());
  if (options.command == Options::Command::remove && !options.all && options.sources.empty() &&
      options.fingerprints.empty())
    return fail(Errc::usage, "remove: one of --all, --source and --fingerprint is needed");
  if (options.command == Options::Command::lint && options.from.empty())
    return fail(Errc::usage, "lint: FILE is required");
  return Invocation{.options = std::move(options), .text = {}};
}

bool asks_for_json(int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word(argv[i]);
    if (word == "--format=json") return true;
    if (word == "--format" && i + 1 < argc && std::string_view(argv[i + 1]) == "json") return true;
  }
  return false;
}

}  // namespace nct
