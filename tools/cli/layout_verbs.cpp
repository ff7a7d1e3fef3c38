// switchback layout: the layout of a board.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "tools/cli/layout_report.hpp"
#include "tools/cli/verbs.hpp"

namespace sb::cli {
namespace {

void check_layout(Shell& shell, const std::string& name) {
    const LayoutReport report = examine_layout(name);
    shell.answer(layout_json(report), layout_text(report));
}

}  // namespace

void add_layout_verbs(CLI::App& app, Shell& shell) {
    CLI::App* group = app.add_subcommand("layout", "Flash layouts of boards")->require_subcommand(1);
    group->footer("Example:\n  switchback layout check default");
    auto name = std::make_shared<std::string>();
    shell
        .verb(*group, "check", "Check a layout; show its map, the room for an image and the wear of the journal",
              "  switchback layout check myboard.toml", [&shell, name] { check_layout(shell, *name); })
        ->add_option("LAYOUT", *name, "FILE.toml or the name of a shipped layout (default, nrf52840)")
        ->required();
}

}  // namespace sb::cli
