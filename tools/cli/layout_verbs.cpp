// switchback layout: the layout of a board.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "tools/cli/files.hpp"
#include "tools/cli/layout_report.hpp"
#include "tools/cli/verbs.hpp"
#include "tools/layout/gen.hpp"

namespace sb::cli {
namespace {

void check_layout(Shell& shell, const std::string& name) {
    const LayoutReport report = examine_layout(name);
    shell.answer(layout_json(report), layout_text(report));
}

// ---- gen

struct GenVerb {
    std::string layout;
    std::string ld;
    std::string hpp;
    std::string program = "a";
};

void generate(Shell& shell, const GenVerb& verb) {
    if (verb.ld.empty() && verb.hpp.empty())
        throw Failure(Exit::usage, "nothing to generate", "", "name a file with --ld or --hpp");
    if (verb.ld == verb.hpp) throw Failure(Exit::usage, "both outputs are one file", verb.ld, "name two files");
    if (verb.layout.ends_with(".toml"))
        for (const std::string& out : {verb.ld, verb.hpp})
            if (!out.empty()) refuse_overwriting(out, {verb.layout});
    const layout::Layout layout = need(layout::load(verb.layout));
    // Both are made before the first is written: either all is there or nothing has changed.
    const std::string script =
        verb.ld.empty() ? "" : need(layout::linker_script(layout, *layout::program_named(verb.program)));
    const std::string header = verb.hpp.empty() ? "" : need(layout::cpp_header(layout));
    Json json = {{"layout", layout.name}, {"layout_crc", fmt::format("{:08x}", layout_crc(layout))}};
    std::string text;
    const auto write = [&](const char* key, const char* what, const std::string& file, const std::string& content) {
        if (file.empty()) return;
        write_file(file, content);
        json[key] = file;
        text += fmt::format("{}: {} of layout {}\n", file, what, layout.name);
    };
    write("ld", "linker script", verb.ld, script);
    write("hpp", "header", verb.hpp, header);
    if (!verb.ld.empty() && (!layout.ram || !layout.cortex_m))
        shell.note(verb.ld + " has regions and symbols but no sections: give the layout [ram] and cpu = \"cortex-m\"");
    shell.answer(json, text);
}

void add_check(CLI::App& group, Shell& shell) {
    auto name = std::make_shared<std::string>();
    shell
        .verb(group, "check", "Check a layout; show its map, the room for an image and what wears out first",
              "  switchback layout check myboard.toml", [&shell, name] { check_layout(shell, *name); })
        ->add_option("LAYOUT", *name, "FILE.toml or the name of a shipped layout (default, nrf52840, stm32f407, …)")
        ->required();
}

void add_gen(CLI::App& group, Shell& shell) {
    auto v = std::make_shared<GenVerb>();
    CLI::App* verb = shell.verb(group, "gen", "Write a linker script and the constants of a layout in C++",
                                "  switchback layout gen myboard.toml --ld app.ld --hpp board.hpp\n"
                                "  switchback layout gen myboard.toml --program boot --ld boot.ld",
                                [&shell, v] { generate(shell, *v); });
    verb->add_option("LAYOUT", v->layout, "FILE.toml or the name of a shipped layout")->required();
    verb->add_option("--ld", v->ld, "file for the linker script");
    verb->add_option("--hpp", v->hpp, "file for the C++ header");
    verb->add_option("--program", v->program,
                     "what the linker script is for: the bootloader or an image for slot A or B")
        ->check(CLI::IsMember({"boot", "a", "b", "bootloader-a", "bootloader-b"}))
        ->capture_default_str();
}

}  // namespace

void add_layout_verbs(CLI::App& app, Shell& shell) {
    CLI::App* group = app.add_subcommand("layout", "Flash layouts of boards")->require_subcommand(1);
    group->footer("Example:\n  switchback layout check default");
    add_check(*group, shell);
    add_gen(*group, shell);
}

}  // namespace sb::cli
