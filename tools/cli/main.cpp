// The `switchback` command.
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <new>
#include <span>
#include <string_view>

#include "tools/cli/verbs.hpp"

namespace {

using namespace sb::cli;

/// "switchback key new": the verb that the command line got to.
std::string verb_reached(const CLI::App& app) {
    std::string name = "switchback";
    const CLI::App* at = &app;
    while (!at->get_subcommands().empty()) {
        at = at->get_subcommands().front();
        name += " " + at->get_name();
    }
    return name;
}

/// What is wrong, with the word that is no verb where there is one.
std::string reason_of(const CLI::App& app, const CLI::ParseError& error) {
    if (dynamic_cast<const CLI::RequiredError*>(&error) == nullptr) return error.what();
    const auto rest = app.remaining(true);
    const auto word = std::ranges::find_if(rest, [](const std::string& text) { return !text.starts_with("-"); });
    return word == rest.end() ? error.what() : fmt::format("there is no verb '{}' here", *word);
}

struct Verb {
    std::string_view name;
    void (*add)(CLI::App& app, Shell& shell);
    bool signs = true;  ///< makes or checks signatures
};
/// As the help shows them.
constexpr Verb verbs[] = {{"key", add_key_verbs},
                          {"image", add_image_verbs},
                          {"diff", add_diff_verb, false},
                          {"patch", add_patch_verb, false},
                          {"pack", add_pack_verb},
                          {"inspect", add_inspect_verb},
                          {"verify", add_verify_verb},
                          {"device", add_device_verbs},
                          {"install", add_install_verb},
                          {"factory-reset", add_factory_reset_verb},
                          {"layout", add_layout_verbs, false},
                          {"sim", add_sim_verbs}};

/// The verb that the first word names. To describe all the others takes longer than many a patch.
const Verb* asked_for(std::span<char* const> words) {
    const auto first = std::ranges::find_if(words, [](const char* word) { return word[0] != '-'; });
    if (first == words.end()) return nullptr;
    const auto verb = std::ranges::find(verbs, std::string_view(*first), &Verb::name);
    return verb == std::end(verbs) ? nullptr : verb;
}

/// The verb that `words` ask for, or all of them where they name none.
void add_verbs(CLI::App& app, Shell& shell, std::span<char* const> words) {
    app.require_subcommand(1);
    app.fallthrough();
    app.set_version_flag("--version", std::string("switchback ") + SB_VERSION);
    app.add_flag_callback("-v,--verbose", [] { spdlog::set_level(spdlog::level::debug); }, "say what is being done");
    app.footer(
        "Exit status: 0 done, 1 the answer is no, 2 wrong use, 3 the input is not what it claims to be,\n"
        "4 the environment failed, 5 the simulated power was cut.\n"
        "Example:\n  switchback key new --out vendor.pem");
    const Verb* const asked = asked_for(words);
    // No file of the system changes what a signature means, and none is read. (A hash needs nothing of this.)
    if (asked == nullptr || asked->signs) OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
    for (const Verb& verb : verbs)
        if (asked == nullptr || asked == &verb) verb.add(app, shell);
}

int run(int argc, char** argv) {
    CLI::App app("Signed, power-cut-proof firmware updates: full or delta, over any link.", "switchback");
    Shell shell;
    try {
        add_verbs(app, shell, std::span<char* const>(argv, static_cast<std::size_t>(argc)).subspan(argc != 0));
        app.parse(argc, argv);
        return shell.finish();
    } catch (const CLI::Success& help) {
        static_cast<void>(app.exit(help));  // --help, --version: printed on standard output
        return shell.finish();
    } catch (const CLI::ParseError& e) {
        const std::string verb = verb_reached(app);
        shell.set_json(shell.json() ||
                       std::any_of(argv, argv + argc, [](auto* a) { return std::string(a) == "--json"; }));
        return shell.report({Exit::usage, reason_of(app, e), "", fmt::format("see '{} --help'", verb)});
    } catch (const Failure& failure) {
        return shell.report(failure);
    } catch (const std::bad_alloc&) {
        return shell.report({Exit::environment, "out of memory", "", "give it smaller files"});
    } catch (const std::exception& e) {
        return shell.report({Exit::environment, e.what(), "", "run again with --verbose"});
    }
}

}  // namespace

int main(int argc, char** argv) {
    auto log = spdlog::stderr_color_mt("switchback");
    log->set_pattern("switchback: %v");
    log->set_level(spdlog::level::trace);
    spdlog::set_default_logger(log);
    spdlog::set_level(spdlog::level::warn);
    return run(argc, argv);
}
