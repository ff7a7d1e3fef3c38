// tools/cli: the verbs, one file a group. Each function adds its verbs to the command line.
#pragma once

#include "tools/cli/shell.hpp"

namespace sb::cli {

void add_key_verbs(CLI::App& app, Shell& shell);
void add_image_verbs(CLI::App& app, Shell& shell);
void add_diff_verb(CLI::App& app, Shell& shell);
void add_patch_verb(CLI::App& app, Shell& shell);
void add_pack_verb(CLI::App& app, Shell& shell);
void add_verify_verb(CLI::App& app, Shell& shell);
void add_inspect_verb(CLI::App& app, Shell& shell);
void add_device_verbs(CLI::App& app, Shell& shell);
/// Of the group `device`: what its application asks for and says.
void add_device_asks(CLI::App& group, Shell& shell);
void add_factory_reset_verb(CLI::App& app, Shell& shell);
void add_install_verb(CLI::App& app, Shell& shell);
void add_layout_verbs(CLI::App& app, Shell& shell);
void add_sim_verbs(CLI::App& app, Shell& shell);
void add_powercut_verb(CLI::App& group, Shell& shell);
void add_prove_verb(CLI::App& group, Shell& shell);

}  // namespace sb::cli
