// switchback verify: would a device take this package?
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "ports/host/openssl_crypto.hpp"
#include "tools/cli/images.hpp"
#include "tools/cli/packages.hpp"
#include "tools/cli/verbs.hpp"
#include "tools/pack/device_class.hpp"
#include "tools/pack/hex.hpp"
#include "tools/pack/keys.hpp"

namespace sb::cli {
namespace {

struct VerifyVerb {
    std::string package;
    std::string key;
    std::string class_name;
    std::vector<std::string> old_images;
};

void check_class(const VerifyVerb& verb, const Package& package) {
    if (verb.class_name.empty()) return;
    const pack::ClassIds ids = need(pack::class_ids(verb.class_name));
    if (ids.vendor != package.manifest.vendor || ids.device_class != package.manifest.device_class)
        throw failure_of(Error::wrong_class, verb.package);
}

/// A device that runs `old_image` takes nothing older and no lower security counter.
void check_order(const VerifyVerb& verb, const Package& package, const ImageFile& old_image) {
    const std::string where = fmt::format("{}, for a device that runs {}", verb.package, old_image.path);
    if (package.manifest.sequence < old_image.info.version.sequence()) throw failure_of(Error::older, where);
    if (package.manifest.security_counter < old_image.info.security_counter.value_or(0))
        throw failure_of(Error::below_floor, where);
}

/// What the devices run, each refused when none of `builds` starts from it.
std::vector<ImageFile> old_images_of(const VerifyVerb& verb, const std::vector<Package>& builds) {
    std::vector<ImageFile> images;
    for (const std::string& path : verb.old_images) {
        const ImageFile& image = images.emplace_back(read_image(path));
        check_order(verb, builds.front(), image);
        const auto starts_here = [&](const Package& build) {
            return !build.payload.source_digest || *build.payload.source_digest == image.digest;
        };
        if (std::ranges::any_of(builds, starts_here)) continue;
        std::string sources;
        for (const Package& build : builds)
            sources += (sources.empty() ? "" : " or ") + to_hex(*build.payload.source_digest);
        throw Failure(Exit::no, "a delta from another image (wrong_source)",
                      fmt::format("{}, from sha256 {}", verb.package, sources),
                      fmt::format("{} has sha256 {}; give the image it was packed from", path, to_hex(image.digest)));
    }
    return images;
}

/// The image that a delta starts from; empty for a full package; none: it was not given.
std::optional<Bytes> source_of(const Package& package, const std::vector<ImageFile>& old_images) {
    if (!package.payload.source_digest) return Bytes();
    for (const ImageFile& image : old_images)
        if (image.digest == *package.payload.source_digest) return Bytes(image.bytes);
    return std::nullopt;
}

/// What the device checks when the image is whole in its slot.
void check_image(const VerifyVerb& verb, const Package& package, Bytes image, KeyRing ring) {
    const std::string where = verb.package + ", the image it makes";
    MemoryReader reader(image);
    OpensslCrypto crypto;
    std::array<std::uint8_t, 4096> scratch{};
    const VerifiedImage made = need(verify_image(reader, crypto, ring, scratch), where);
    if (made.digest != package.manifest.image_digest || made.info.total_bytes != package.manifest.image_bytes)
        throw failure_of(Error::image_mismatch, where);
    if (made.info.security_counter.value_or(0) != package.manifest.security_counter)
        throw failure_of(Error::counter_mismatch, where);
}

void verify(Shell& shell, const VerifyVerb& verb) {
    shell.if_it_fails({{"package", verb.package}, {"verified", false}});
    const std::array<TrustedKey, 1> ring = {pack::trusted(need(pack::load_public_key(verb.key)))};
    const Buffer file = read_file(verb.package);
    const OpenedPackage opened = open_envelope(verb.package, file, ring);
    check_class(verb, opened.builds.front());
    const std::vector<Buffer> payloads = check_chains(verb.package, file, opened);
    const std::vector<ImageFile> old_images = old_images_of(verb, opened.builds);
    std::size_t checked = 0;
    for (std::size_t i = 0; i < payloads.size(); ++i) {
        const Package& build = opened.builds[i];
        const auto source = source_of(build, old_images);
        if (!source) continue;
        check_image(verb, build, decode_payload(verb.package, build, payloads[i], *source), ring);
        ++checked;
    }

    const bool all = checked == payloads.size();
    // Who says what a device runs asks for that device.
    const bool decodes = all || (checked != 0 && !old_images.empty());
    Json json = {{"package", verb.package}, {"verified", true}, {"image_checked", decodes}};
    json.update(package_json(opened.builds, file.size()));
    shell.answer(json, package_text(verb.package, opened.builds, file.size()) +
                           (all       ? "verified, down to the image that it makes\n"
                            : decodes ? "verified, down to the image that it makes on devices that run --old\n"
                                      : "envelope and blocks verified; give --old to check the image that it makes\n"));
}

}  // namespace

void add_verify_verb(CLI::App& app, Shell& shell) {
    auto v = std::make_shared<VerifyVerb>();
    CLI::App* verb = shell.verb(
        app, "verify", "Check a package as a device would: signatures, every block, the image that it makes",
        "  switchback verify update.swb --key vendor.pub.pem --class acme.example/thermostat --old old.signed.bin",
        [&shell, v] { verify(shell, *v); });
    verb->add_option("PACKAGE", v->package, "package (.swb)")->required();
    verb->add_option("--key", v->key, "public key that the device trusts, PEM")->required();
    verb->add_option("--class", v->class_name, "vendor-domain/class-name of the device");
    verb->add_option("--old", v->old_images,
                     "the signed image that the device runs: nothing older is taken, and a delta must start from it; "
                     "twice for deltas with a build for each slot")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

}  // namespace sb::cli
