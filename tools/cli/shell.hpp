// tools/cli: what every verb shares: the answer on standard output, as text or as one JSON document, and messages on
// standard error.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "tools/cli/failure.hpp"

namespace sb::cli {

using Json = nlohmann::ordered_json;

class Shell {
public:
    /// Adds a verb under `parent`: its help ends with `example`; it gets `--json`; `run` is called when it is chosen.
    CLI::App* verb(CLI::App& parent, const std::string& name, const std::string& about, const std::string& example,
                   std::function<void()> run);

    /// The answer: `text` (lines with their ends) for people or `document` for programs, whichever was asked for.
    void answer(const Json& document, const std::string& text);

    /// Fields that the document of a failure starts with, e.g. {"verified": false}.
    void if_it_fails(Json fields) { failure_fields_ = std::move(fields); }

    /// A remark on standard error.
    void note(const std::string& text) const;

    /// The exit status of a verb that has answered and is done.
    void leave_with(Exit exit) { exit_ = exit; }

    [[nodiscard]] bool json() const { return json_; }
    void set_json(bool on) { json_ = on; }
    /// Reports `failure`: one line on standard error; with --json also a document, unless the verb has answered.
    [[nodiscard]] int report(const Failure& failure);
    /// Flushes standard output; the exit status of the program.
    [[nodiscard]] int finish();

private:
    bool json_ = false;
    bool answered_ = false;
    Exit exit_ = Exit::done;
    Json failure_fields_ = Json::object();
};

/// Accepts whole numbers from `least`, decimal or 0x…; nothing that wraps, clamps or is octal.
[[nodiscard]] CLI::Validator as_number(std::uint64_t least = 0);

/// Accepts 4096, 0x1000, 16K, 1M.
[[nodiscard]] CLI::Validator as_size();

}  // namespace sb::cli
