#include "tools/cli/shell.hpp"

#include <fmt/format.h>

#include <charconv>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "tools/layout/size.hpp"

namespace sb::cli {

CLI::App* Shell::verb(CLI::App& parent, const std::string& name, const std::string& about, const std::string& example,
                      std::function<void()> run) {
    CLI::App* app = parent.add_subcommand(name, about);
    app->add_flag("--json", json_, "print one JSON document on standard output");
    app->footer("Example:\n" + example);
    app->final_callback(std::move(run));
    return app;
}

void Shell::answer(const Json& document, const std::string& text) {
    answered_ = true;
    const std::string out = json_ ? document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n" : text;
    std::fwrite(out.data(), 1, out.size(), stdout);
}

void Shell::note(const std::string& text) const {
    fmt::print(stderr, "switchback: {}\n", text);
}

int Shell::report(const Failure& failure) {
    if (json_ && !answered_) {
        Json document = failure_fields_;
        document["error"] = {{"what", failure.what_failed},
                             {"where", failure.where},
                             {"fix", failure.fix},
                             {"exit", static_cast<int>(failure.exit)}};
        answer(document, "");
    }
    note(failure.line());
    exit_ = failure.exit;
    return finish();
}

int Shell::finish() {
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return static_cast<int>(exit_);
    note(fmt::format("cannot write the answer: {}, standard output; check where it leads", std::strerror(errno)));
    return static_cast<int>(Exit::environment);
}

CLI::Validator as_number(std::uint64_t least) {
    return CLI::Validator(
        [least](std::string& text) -> std::string {
            const bool hex = text.starts_with("0x");
            const char* const begin = text.data() + (hex ? 2 : 0);
            const char* const end = text.data() + text.size();
            std::uint64_t value = 0;
            const auto [stopped, error] = std::from_chars(begin, end, value, hex ? 16 : 10);
            if (begin == end || error != std::errc{} || stopped != end || value < least)
                return fmt::format("'{}' is not a whole number from {} to 2^64 - 1", text, least);
            text = std::to_string(value);
            return {};
        },
        "NUMBER");
}

CLI::Validator as_size() {
    return CLI::Validator(
        [](std::string& text) -> std::string {
            const auto value = parse_size(text);
            if (!value) return "'" + text + "' is not a size such as 4096, 0x1000, 16K or 1M";
            text = std::to_string(*value);
            return {};
        },
        "SIZE");
}

}  // namespace sb::cli
