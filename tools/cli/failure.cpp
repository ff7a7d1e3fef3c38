#include "tools/cli/failure.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/error_name.hpp"

namespace sb::cli {
namespace {

struct Row {
    Error error;
    Exit exit;
    const char* what;
    const char* fix;
};

constexpr Row rows[] = {
    {Error::io, Exit::environment, "the flash reported failure", "look at the part's state and wear"},
    {Error::unaligned, Exit::environment, "an access is not aligned to the flash", "check granule and erase units"},
    {Error::out_of_range, Exit::bad_input, "an offset leads beyond the end", "make the file again"},
    {Error::unreadable, Exit::no, "the flash cannot be read there (ECC)", "install the image again"},
    {Error::power_lost, Exit::power_cut, "the simulated power was cut", "run 'switchback device boot'"},
    {Error::readback, Exit::environment, "flash reads differently from what was written", "the part is worn out"},
    {Error::low_battery, Exit::no, "the supply is too low to erase flash",
     "charge it and do it again: it goes on there"},
    {Error::truncated, Exit::bad_input, "the input ends too early", "fetch or make the file again"},
    {Error::malformed, Exit::bad_input, "not the format it should be", "check that it is the right file"},
    {Error::non_canonical, Exit::bad_input, "CBOR outside of its only allowed encoding", "pack it again"},
    {Error::duplicate_key, Exit::bad_input, "a CBOR map holds a key twice or out of order", "pack it again"},
    {Error::unsupported, Exit::bad_input, "valid, but outside of what devices take", "see docs/format.md"},
    {Error::too_large, Exit::no, "larger than this device takes", "see 'switchback layout check' for the room"},
    {Error::overflow, Exit::bad_input, "a size does not fit its integer", "make the file again"},
    {Error::trailing_data, Exit::bad_input, "there are bytes after its end", "fetch or make the file again"},
    {Error::bad_digest, Exit::no, "a SHA-256 digest does not match", "fetch or make the file again"},
    {Error::bad_patch, Exit::bad_input, "the patch reaches outside of its bounds", "make the patch again"},
    {Error::bad_signature, Exit::no, "the signature does not verify", "sign it with the key that is trusted"},
    {Error::unknown_key, Exit::no, "signed by a key that is not trusted", "sign it with the key that is trusted"},
    {Error::wrong_class, Exit::no, "made for another class of device", "pack with the --class of the device"},
    {Error::wrong_source, Exit::no, "a delta from an image that is not the one that runs",
     "pack --from the running image, or install a full package"},
    {Error::older, Exit::no, "older than the confirmed image", "pack a version that is not lower"},
    {Error::below_floor, Exit::no, "its security counter is below the floor", "sign with a higher --security-counter"},
    {Error::counter_mismatch, Exit::no, "manifest and image name different security counters", "pack it again"},
    {Error::no_decoder, Exit::no, "a payload format that the device cannot decode in its memory",
     "pack with --layout of the device"},
    {Error::wrong_address, Exit::no, "the image is not bound to the address of the slot",
     "link it for the slot that is free and sign with --rom-fixed ADDRESS"},
    {Error::not_confirmed, Exit::no, "the running image is on trial and its way back may not be overwritten",
     "run 'switchback device confirm' first, or reset until it switches back"},
    {Error::not_running, Exit::no, "the image to confirm is not the one that runs", "run 'switchback device boot'"},
    {Error::bad_state, Exit::no, "that does not fit the state of the update", "see 'switchback device status'"},
    {Error::unsigned_image, Exit::no, "the image carries no signature that could be checked",
     "sign it with 'switchback image sign'"},
    {Error::image_mismatch, Exit::no, "manifest and image contradict each other", "pack it again"},
    {Error::wrong_header, Exit::no, "the image header is not as large as the layout says",
     "sign with the layout's --header-size"},
    {Error::no_way_back, Exit::no, "nothing could undo this update",
     "pack with --reverse, give the device a factory image, or write accept_no_way_back = true in the layout"},
    {Error::tries_exhausted, Exit::no, "not confirmed within its trial boots", "confirm while it runs"},
    {Error::slot_invalid, Exit::no, "the pending image does not verify any more", "install it again"},
    {Error::active_invalid, Exit::no, "the active image does not verify", "install an image"},
    {Error::journal_lost, Exit::no, "the journal holds no valid record", "run 'switchback device boot'"},
    {Error::nothing_bootable, Exit::no, "no slot holds an image that may run", "install an image"},
};

/// What to do where a problem does not say it.
const char* usual_fix(pack::Problem::Kind kind) {
    switch (kind) {
        case pack::Problem::Kind::refused:
            return "see 'switchback inspect' for what it says";
        case pack::Problem::Kind::usage:
            return "see --help";
        case pack::Problem::Kind::bad_input:
            return "check that it is the right file";
        case pack::Problem::Kind::environment:
            return "check permissions and the room on the disk";
    }
    return "see --help";
}

}  // namespace

std::string Failure::line() const {
    std::string text = what_failed;
    if (!where.empty()) text += ", " + where;
    if (!fix.empty()) text += "; " + fix;
    std::ranges::replace(text, '\n', ' ');
    return text;
}

Meaning meaning_of(Error error) {
    for (const Row& row : rows)
        if (row.error == error) return {row.what, row.fix, row.exit};
    return {error_name(error), "see docs/format.md", Exit::no};
}

Failure failure_of(Error error, std::string where) {
    const Meaning m = meaning_of(error);
    Failure failure(m.exit, fmt::format("{} ({})", m.what, error_name(error)), std::move(where), m.fix);
    failure.cause = error;
    return failure;
}

Failure failure_of(const layout::Problem& problem) {
    return {problem.cannot_read ? Exit::environment : Exit::bad_input, problem.what, problem.where(), problem.fix};
}

Failure failure_of(const pack::Problem& problem) {
    return {static_cast<Exit>(problem.kind), problem.what, problem.where,
            problem.fix.empty() ? usual_fix(problem.kind) : problem.fix};
}

}  // namespace sb::cli
