// switchback diff, switchback patch: patches between any two files.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>

#include "ports/host/openssl_crypto.hpp"
#include "tools/cli/failure.hpp"
#include "tools/cli/file_reader.hpp"
#include "tools/cli/firmware_file.hpp"
#include "tools/cli/progress.hpp"
#include "tools/cli/text.hpp"
#include "tools/cli/verbs.hpp"
#include "tools/diff/patch.hpp"
#include "tools/diff/write_behind.hpp"

namespace sb::cli {
namespace {

struct DiffVerb {
    std::string old_file;
    std::string new_file;
    std::string out;
    bool as_files = false;
    diff::DiffOptions options;
};

struct Sizes {
    std::uint64_t old_bytes = 0;
    std::uint64_t new_bytes = 0;
};

/// Makes the patch with `make`, which gets the options; what it throws becomes a Failure.
template <class Make>
diff::PatchSummary with_options(const DiffVerb& verb, const Sizes& sizes, Make make) {
    ProgressBar bar("comparing", sizes.new_bytes);
    diff::DiffOptions options = verb.options;
    options.progress = [&](double part) {
        bar.update(static_cast<std::uint64_t>(part * static_cast<double>(sizes.new_bytes)));
    };
    try {
        return make(options);
    } catch (const diff::OptionError& e) {
        throw Failure(Exit::usage, e.what(), "", "see 'switchback diff --help'");
    } catch (const std::length_error& e) {
        throw Failure(Exit::bad_input, e.what(), verb.new_file, "files below 2 GiB can be compared");
    }
}

class PatchFile final : public diff::Sink {
public:
    explicit PatchFile(const std::string& path) : file_(path) {}
    void write(Bytes bytes) override { file_.write(bytes); }
    void commit() { file_.commit_unflushed(); }

private:
    FileWriter file_;
};

diff::PatchSummary make_bounded(const DiffVerb& verb, Sizes& sizes) {
    FileReader old_file(verb.old_file);
    FileReader new_file(verb.new_file);
    sizes = {old_file.bytes(), new_file.bytes()};
    PatchFile out(verb.out);
    const auto summary = with_options(verb, sizes, [&](const diff::DiffOptions& options) {
        return diff::make_patch_bounded(old_file, new_file, out, options);
    });
    out.commit();
    return summary;
}

/// What patches of sbd are between: images, out of whatever they come in.
struct Input {
    Input(const std::string& path, const DiffVerb& verb) : bytes(read_file(path)) {
        if (verb.options.format != "sbd" || verb.as_files) return;
        auto image = unwrapped(bytes, path);
        if (!image) return;
        kind = image->kind;
        flash_address = image->flash_address;
        bytes = std::move(image->bytes);
        table = std::move(image->table);
    }
    Buffer bytes;
    diff::InputKind kind = diff::InputKind::image;
    std::uint32_t flash_address = 0;
    diff::LoadTable table;
};

diff::PatchSummary make_in_memory(const DiffVerb& verb, Sizes& sizes) {
    const Input old_file(verb.old_file, verb), new_file(verb.new_file, verb);
    const bool both = old_file.kind != diff::InputKind::image && new_file.kind != diff::InputKind::image;
    if (both && old_file.flash_address != new_file.flash_address)
        spdlog::warn("the images begin at different addresses, {:#x} and {:#x}", old_file.flash_address,
                     new_file.flash_address);
    sizes = {old_file.bytes.size(), new_file.bytes.size()};
    return with_options(verb, sizes, [&](diff::DiffOptions& options) -> diff::PatchSummary {
        if (both) {
            options.old_table = &old_file.table;
            options.new_table = &new_file.table;
        }
        const diff::Patch patch = diff::make_patch(old_file.bytes, new_file.bytes, options);
        PatchFile out(verb.out);
        out.write(patch.bytes);
        out.commit();
        return {patch.format, patch.payload, patch.decoder_ram_bytes, patch.bytes.size()};
    });
}

void run_diff(Shell& shell, const DiffVerb& verb) {
    constexpr std::uint32_t least_window_bytes = 512;
    if (verb.options.window_bytes != 0 && verb.options.window_bytes < least_window_bytes)
        throw Failure(Exit::usage, "a window of less than 512 bytes makes a patch larger than the image", "--window",
                      "give it more; 16K is usual for devices");
    refuse_overwriting(verb.out, {verb.old_file, verb.new_file});
    Sizes sizes;
    const auto start = std::chrono::steady_clock::now();
    const diff::PatchSummary patch = verb.options.memory_bytes != 0 && !verb.options.in_place
                                         ? make_bounded(verb, sizes)
                                         : make_in_memory(verb, sizes);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    const std::string decoder = patch.payload ? fmt::format("decoder memory {} bytes", patch.decoder_ram_bytes)
                                              : "for hosts, no device decodes it";
    shell.answer(
        {{"format", patch.format},
         {"old_bytes", sizes.old_bytes},
         {"new_bytes", sizes.new_bytes},
         {"patch_bytes", patch.bytes},
         {"decoder_ram_bytes", patch.decoder_ram_bytes},
         {"seconds", took.count()}},
        fmt::format("{}: {}, {} bytes, {} of the new file's {}; {}; {:.2f} s\n", verb.out, patch.format, patch.bytes,
                    percent(patch.bytes, sizes.new_bytes), sizes.new_bytes, decoder, took.count()));
}

}  // namespace

void add_diff_verb(CLI::App& app, Shell& shell) {
    auto v = std::make_shared<DiffVerb>();
    CLI::App* verb =
        shell.verb(app, "diff", "Make a patch that turns OLD into NEW",
                   "  switchback diff old.bin new.bin -o update.patch --ram 16K", [&shell, v] { run_diff(shell, *v); });
    std::string about = "format of the patch:";
    std::string packing = "how the patch is packed; each format's first is its usual one:";
    for (const diff::Offer& f : diff::offers()) {
        about += fmt::format("\n{}: {}", f.name, f.description);
        packing += fmt::format("\n{}: {}", f.name, fmt::join(f.compressions, ", "));
    }
    verb->add_option("OLD", v->old_file, "file that the receiver has; for sbd also as ELF, Intel HEX or UF2")
        ->required();
    verb->add_option("NEW", v->new_file, "file that it is to have, alike")->required();
    verb->add_option("-o,--output", v->out, "patch")->required();
    verb->add_option("--format", v->options.format, about)->capture_default_str();
    verb->add_option("--compress", v->options.compress, packing);
    verb->add_option(
            "--ram", v->options.ram_bytes,
            "memory of the decoder: all of it for sbd (4K, 8K, 16K or 32K), LZMA's dictionary, tinyuz's, or a step of "
            "hdiffsf")
        ->transform(as_size());
    verb->add_option("--speed", v->options.speed,
                     "sbd: for what the patch shall be quick to decode: smallest (of bytes, the default), m4, m0; "
                     "linux: with a level of 1 to 3 a form that hosts decode at 200 MB/s and more, and no device");
    verb->add_flag("--in-place", v->options.in_place,
                   "sbd: the device overwrites OLD with NEW; --memory says in how much flash, e.g. 320K");
    verb->add_flag("--as-files", v->as_files,
                   "sbd: OLD and NEW as they are, even where they are ELF, Intel HEX or UF2 files; otherwise the patch "
                   "is between the images in these");
    verb->add_option(
            "--level", v->options.level,
            "sbd: 1 is fast, 9 makes the smallest patch; by default 6. Of NEW from 1 MB on, 1 to 3 make a form "
            "for hosts, and from 4 MB on all, unless --ram, --segment, --speed or --in-place speak of a device")
        ->check(CLI::Range(1, 9));
    verb->add_option("--segment", v->options.segment_bytes,
                     "bytes of NEW between two points where decoding can start again")
        ->transform(as_size());
    verb->add_option("--window", v->options.window_bytes,
                     "vcdiff: bytes of NEW that a decoder holds at a time; interleaved 16K, else 8M")
        ->transform(as_size());
    verb->add_option(
            "--memory", v->options.memory_bytes,
            "bsdiff, endsley: make the patch within this much memory, 40M at least, however large the files; it "
            "becomes a little larger. With --in-place: the flash that OLD and NEW share")
        ->transform(as_size());
    verb->add_option(
        "--min-cover", v->options.min_cover_bytes,
        "stretches of OLD shorter than this are not used (steps of hdiffsf may cut longer ones in pieces)");
    verb->add_option("--threads", v->options.threads,
                     "how many work at a time; by default two where there are two cores. The patch is the same")
        ->check(CLI::Range(1, 64));
}

namespace {

struct PatchVerb {
    std::string old_file;
    std::string patch;
    std::string out;
};

/// Writes the new file and takes its digest on the way.
class Output final : public diff::Sink {
public:
    Output(const std::string& path, Crypto& crypto, ProgressBar& bar) : file_(path), hash_(crypto), bar_(bar) {}
    void write(Bytes bytes) override {
        file_.write(bytes);
        hash_.update(bytes);
        bytes_ += bytes.size();
        bar_.update(bytes_);
    }
    void commit() { file_.commit_unflushed(); }
    [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
    [[nodiscard]] Digest digest() const { return hash_.digest(); }

private:
    FileWriter file_;
    Sha256 hash_;
    ProgressBar& bar_;
    std::uint64_t bytes_ = 0;
};

/// The format that the first bytes of a patch name.
std::string format_of(FileReader& patch) {
    std::array<std::uint8_t, 64> head{};
    const auto there = MutableBytes(head).first(std::min<std::size_t>(head.size(), patch.bytes()));
    need(patch.read(0, there), patch.path());
    const auto name = diff::format_of_patch(there);
    if (!name)
        throw Failure(Exit::bad_input, "not a patch of a known format", patch.path(),
                      "check that it is the right file");
    return std::string(*name);
}

void apply_to(Reader& old_image, Reader& patch, Output& out) {
    diff::WriteBehind behind(out);
    diff::apply_patch(old_image, patch, behind);
    behind.finish();
}

/// A patch of sbd knows its old image: where the file is not that, the image in the file may be.
void apply(const PatchVerb& verb, FileReader& old_file, Reader& patch, Output& out) {
    try {
        apply_to(old_file, patch, out);
    } catch (const diff::PatchError& e) {
        if (e.error != Error::wrong_source || out.bytes() != 0) throw;
        const auto image = unwrapped(read_file(verb.old_file), verb.old_file);
        if (!image) throw;
        MemoryReader inside{image->bytes};
        apply_to(inside, patch, out);
    }
}

void run_patch(Shell& shell, const PatchVerb& verb) {
    refuse_overwriting(verb.out, {verb.old_file, verb.patch});
    FileReader old_file(verb.old_file);
    FileReader patch(verb.patch);
    const std::string format = format_of(patch);
    OpensslCrypto crypto;
    ProgressBar bar("patching", old_file.bytes());
    Output out(verb.out, crypto, bar);
    try {
        apply(verb, old_file, patch, out);
    } catch (const diff::PatchError& e) {
        if (e.error == Error::io)
            throw Failure(Exit::environment, "reading failed", fmt::format("{} or {}", verb.old_file, verb.patch),
                          "check that the files do not change meanwhile");
        throw Failure(Exit::bad_input, e.what(), fmt::format("{}, offset {}", verb.patch, e.offset_bytes),
                      e.error == Error::unsupported
                          ? "see 'switchback diff --help' for the formats that are read"
                          : "make or fetch the patch again, and check that OLD is the file it was made from");
    }
    out.commit();
    const std::string digest = to_hex(out.digest());
    shell.answer({{"format", format}, {"patch_bytes", patch.bytes()}, {"new_bytes", out.bytes()}, {"sha256", digest}},
                 fmt::format("{}: {} bytes from a patch of {} bytes ({})\nsha256 {}\n", verb.out, out.bytes(),
                             patch.bytes(), format, digest));
}

}  // namespace

void add_patch_verb(CLI::App& app, Shell& shell) {
    auto v = std::make_shared<PatchVerb>();
    CLI::App* verb =
        shell.verb(app, "patch",
                   "Apply a patch to OLD; its format is told by its first bytes. Not every format notices another OLD: "
                   "compare the "
                   "SHA-256 that is printed",
                   "  switchback patch old.bin update.patch -o new.bin", [&shell, v] { run_patch(shell, *v); });
    verb->add_option("OLD", v->old_file,
                     "file that the patch was made from; for sbd also as ELF, Intel HEX or UF2: NEW is an image then")
        ->required();
    verb->add_option("PATCH", v->patch, "patch")->required();
    verb->add_option("-o,--output", v->out, "the new file")->required();
}

}  // namespace sb::cli
