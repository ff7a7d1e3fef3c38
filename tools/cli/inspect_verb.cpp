// switchback inspect: whatever a file is, what it says.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "sim/device/directory.hpp"
#include "tools/cli/device_report.hpp"
#include "tools/cli/images.hpp"
#include "tools/cli/journal_report.hpp"
#include "tools/cli/layout_report.hpp"
#include "tools/cli/packages.hpp"
#include "tools/cli/patch_report.hpp"
#include "tools/cli/prove_pair.hpp"
#include "tools/cli/sbd_report.hpp"
#include "tools/cli/verbs.hpp"
#include "tools/diff/patch.hpp"
#include "tools/diff/sbd/input_file.hpp"
#include "tools/pack/build_package.hpp"
#include "tools/pack/keys.hpp"
#include "tools/pack/suit_explain.hpp"

namespace sb::cli {
namespace {

struct InspectVerb {
    std::string file;
    std::string key;
    std::string html;
    std::string old_file;
    std::vector<std::string> elf_files;
};

struct Answer {
    Json json;
    std::string text;
};

Json with_kind(const char* kind, const Json& rest) {
    Json json = {{"kind", kind}};
    json.update(rest);
    return json;
}

// ---- packages

/// Whether the blocks are whole and chained to the descriptor; the reason if not.
std::string chain_problem(const std::string& path, Bytes file, const OpenedPackage& opened) {
    try {
        static_cast<void>(check_chains(path, file, opened));
        return "";
    } catch (const Failure& failure) {
        return failure.line();
    }
}

std::vector<TrustedKey> keys_of(const InspectVerb& verb) {
    if (verb.key.empty()) return {};
    return {pack::trusted(need(pack::load_public_key(verb.key)))};
}

Answer inspect_package(const InspectVerb& verb, Bytes file) {
    const std::vector<TrustedKey> keys = keys_of(verb);
    auto explained = pack::explain_suit(file, keys);
    if (!explained) explained.error().where = verb.file + ", " + explained.error().where;
    const pack::SuitExplanation suit = need(std::move(explained));
    Json json = {{"kind", "package"}};
    std::string text = fmt::format("package  {}, a SUIT envelope of {} bytes\n", verb.file, suit.envelope_bytes);
    if (!suit.builds.empty()) {
        const std::string problem = chain_problem(verb.file, file, {suit.builds, suit.envelope_bytes});
        json.update(package_json(suit.builds, file.size()));
        text = package_text(verb.file, suit.builds, file.size());
        if (const auto proof = pack::decode_proof(pack::claims_of(file.first(suit.envelope_bytes)))) {
            json["proof"] = proof_json(*proof);
            text += proof_text(*proof);
        }
        json["payload_whole"] = problem.empty();
        text += problem.empty() ? "blocks   whole\n" : "blocks   " + problem + "\n";
    }
    json["verified"] = suit.verified;
    json["digest_matches"] = suit.digest_matches;
    json["strict_profile"] = !suit.builds.empty();
    json["reasons"] = suit.reasons;
    json["suit"] = suit.tree;
    text += keys.empty()    ? "signature not checked: give --key\n"
            : suit.verified ? "signature verifies\n"
                            : "signature does not verify under this key\n";
    for (const std::string& reason : suit.reasons) text += "no device of this project takes it: " + reason + "\n";
    return {json, text + pack::outline(suit.tree)};
}

// ---- the other kinds

Answer inspect_image(const InspectVerb& verb) {
    const auto keys = keys_of(verb);
    const ImageFile image = keys.empty() ? read_image(verb.file) : read_verified_image(verb.file, keys);
    Json json = with_kind("image", image_json(image));
    json["verified"] = image.verified;
    return {json,
            image_text(image) + (image.verified ? "signature verifies\n" : "signature not checked: give --key\n")};
}

Answer inspect_sbd(const InspectVerb& verb, Bytes file) {
    SbdReport report{.path = verb.file, .patch_bytes = file.size()};
    if (verb.old_file.empty()) {
        report.explained = diff::explain_sbd(file);
    } else {
        const Buffer old = read_file(verb.old_file);
        report.explained = diff::explain_sbd(file, old);
        if (!verb.elf_files.empty()) {
            try {
                report.symbols = diff::symbol_costs(report.explained, old, read_file(verb.elf_files[0]),
                                                    read_file(verb.elf_files[1]));
            } catch (const diff::InputError& e) {
                throw Failure(Exit::bad_input, e.what(), verb.elf_files[0] + ", " + verb.elf_files[1],
                              "give the ELF files that the old and the new image were made from, with their symbols");
            }
        }
    }
    if (!verb.html.empty()) write_file(verb.html, sbd_page(report));
    return {sbd_json(report), sbd_text(report)};
}

Answer inspect_patch_file(const InspectVerb& verb, Bytes file) {
    if (!verb.html.empty()) refuse_overwriting(verb.html, {verb.file});
    for (const std::string& other : verb.elf_files)
        if (!verb.html.empty()) refuse_overwriting(verb.html, {other});
    if (!verb.html.empty() && !verb.old_file.empty()) refuse_overwriting(verb.html, {verb.old_file});
    try {
        if (diff::format_of_patch(file) == "sbd") return inspect_sbd(verb, file);
        if (!verb.old_file.empty() || !verb.elf_files.empty())
            throw Failure(Exit::usage, "only a patch of format sbd is explained with them", "--old, --elf",
                          "leave them out");
        const diff::PatchInfo info = *diff::inspect_patch(file);
        if (!verb.html.empty()) write_file(verb.html, patch_page(verb.file, info, file.size()));
        return {patch_json(info, file.size()), patch_text(verb.file, info, file.size())};
    } catch (const diff::PatchError& e) {
        const bool other_old = e.error == Error::wrong_source && !verb.old_file.empty();
        throw Failure(Exit::bad_input, e.what(), fmt::format("{}, offset {}", verb.file, e.offset_bytes),
                      other_old ? "give --old the file that the patch was made from" : "make or fetch the patch again");
    }
}

Answer inspect_device(const std::string& path) {
    sim::Directory directory = need(sim::Directory::open(path, sim::Access::read));
    sim::Device& device = directory.device();
    const sim::Status status = sim::status_of(device);
    const JournalReport journal = journal_of(device.map().journal);
    Json json = with_kind("device", status_json(device, status));
    json["journal"] = journal_json(journal);
    return {json, status_text(device, status) + journal_text(journal)};
}

Answer inspect_layout(const std::string& path) {
    const LayoutReport report = examine_layout(path);
    return {layout_json(report), layout_text(report)};
}

Answer inspect_file(const InspectVerb& verb) {
    const bool directory = std::filesystem::is_directory(verb.file);
    const Buffer file = directory ? Buffer() : read_file(verb.file);
    if (!verb.html.empty() && !diff::is_patch(file))
        throw Failure(Exit::usage, "only a patch has a page", "--html", "leave --html out, or give a patch");
    if ((!verb.old_file.empty() || !verb.elf_files.empty()) && !diff::is_patch(file))
        throw Failure(Exit::usage, "only a patch is explained with them", "--old, --elf", "leave them out");
    if (directory) return inspect_device(verb.file);
    if (pack::looks_like_suit(file)) return inspect_package(verb, file);
    if (looks_like_image(file)) return inspect_image(verb);
    if (diff::is_patch(file)) return inspect_patch_file(verb, file);
    if (verb.file.ends_with(".toml")) return inspect_layout(verb.file);
    const JournalReport journal = journal_in(file);
    if (!journal.records.empty()) return {with_kind("journal", journal_json(journal)), journal_text(journal)};
    throw Failure(Exit::bad_input, "a file of no known kind", verb.file,
                  "give a package, an image, a patch, a layout, a device directory or a dump of a journal");
}

}  // namespace

void add_inspect_verb(CLI::App& app, Shell& shell) {
    auto v = std::make_shared<InspectVerb>();
    CLI::App* verb =
        shell.verb(app, "inspect", "Say what a package, image, patch, layout, device or journal holds",
                   "  switchback inspect update.swb --json\n  switchback inspect old-new.patch --html covers.html\n"
                   "  switchback inspect old-new.sbd --old old.bin --elf old.elf new.elf",
                   [&shell, v] {
                       const Answer answer = inspect_file(*v);
                       shell.answer(answer.json, answer.text);
                   });
    verb->add_option("FILE", v->file, "file, or directory of a simulated device")->required();
    verb->add_option("--key", v->key, "public key to check signatures with, PEM");
    verb->add_option("--html", v->html, "for a patch: a page with its cover map");
    CLI::Option* const old = verb->add_option(
        "--old", v->old_file, "for a patch of sbd: the file that it was made from; says where its bits go");
    verb->add_option("--elf", v->elf_files, "OLD.elf NEW.elf: says which functions and data the bits go to")
        ->expected(2)
        ->needs(old);
}

}  // namespace sb::cli
