// switchback sim: what the simulator proves.
#include "tools/cli/verbs.hpp"

namespace sb::cli {

void add_sim_verbs(CLI::App& app, Shell& shell) {
    CLI::App* group = app.add_subcommand("sim", "What the simulator proves")->require_subcommand(1);
    group->footer("Examples:\n  switchback sim powercut --scheme xip\n  switchback sim prove --scheme swap");
    add_powercut_verb(*group, shell);
    add_prove_verb(*group, shell);
}

}  // namespace sb::cli
