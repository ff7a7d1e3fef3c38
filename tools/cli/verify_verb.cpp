// switchback verify: would a device take this package?
#include <fmt/format.h>

#include <array>
#include <memory>

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
    std::string old_image;
};

void check_class(const VerifyVerb& verb, const Package& package) {
    if (verb.class_name.empty()) return;
    const pack::ClassIds ids = need(pack::class_ids(verb.class_name));
    if (ids.vendor != package.manifest.vendor || ids.device_class != package.manifest.device_class)
        throw failure_of(Error::wrong_class, verb.package);
}

/// A device that runs `old_image` takes nothing older and no lower security counter.
void check_order(const VerifyVerb& verb, const Package& package, const ImageFile& old_image) {
    const std::string where = fmt::format("{}, for a device that runs {}", verb.package, verb.old_image);
    if (package.manifest.sequence < old_image.info.version.sequence()) throw failure_of(Error::older, where);
    if (package.manifest.security_counter < old_image.info.security_counter.value_or(0))
        throw failure_of(Error::below_floor, where);
}

/// The image that a delta starts from, checked to be the one the package names; empty for a full package.
Buffer source_of(const VerifyVerb& verb, const Package& package) {
    if (verb.old_image.empty()) return {};
    const ImageFile old_image = read_image(verb.old_image);
    check_order(verb, package, old_image);
    if (!package.payload.source_digest) return {};
    if (old_image.digest != *package.payload.source_digest)
        throw Failure(Exit::no, "a delta from another image (wrong_source)",
                      fmt::format("{}, from sha256 {}", verb.package, to_hex(*package.payload.source_digest)),
                      fmt::format("{} has sha256 {}; give the image it was packed from", verb.old_image,
                                  to_hex(old_image.digest)));
    return old_image.bytes;
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
    const Package& package = opened.package;
    check_class(verb, package);
    const Buffer payload = check_chain(verb.package, file, opened);
    const bool decodes = !package.payload.source_digest || !verb.old_image.empty();
    if (decodes)
        check_image(verb, package, decode_payload(verb.package, package, payload, source_of(verb, package)), ring);

    Json json = {{"package", verb.package}, {"verified", true}, {"image_checked", decodes}};
    json.update(package_json(package, file.size()));
    shell.answer(json, package_text(verb.package, package, file.size()) +
                           (decodes ? "verified, down to the image that it makes\n"
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
    verb->add_option("--old", v->old_image,
                     "the signed image that the device runs: nothing older is taken, and a delta must start from it");
}

}  // namespace sb::cli
