// switchback image: signed images in MCUboot's format.
#include <fmt/format.h>

#include <array>
#include <memory>

#include "tools/cli/images.hpp"
#include "tools/cli/verbs.hpp"
#include "tools/pack/hex.hpp"
#include "tools/pack/keys.hpp"
#include "tools/pack/sign_image.hpp"
#include "tools/pack/version.hpp"

namespace sb::cli {
namespace {

struct SignVerb {
    std::string app;
    std::string key;
    std::string version;
    std::string out;
    pack::SignOptions options;
};

void sign(Shell& shell, SignVerb& verb) {
    const auto version = pack::parse_version(verb.version);
    if (!version)
        throw Failure(Exit::usage, fmt::format("'{}' is not a version", verb.version), "--version",
                      "write MAJOR.MINOR.REVISION+BUILD, e.g. 1.2.3+4");
    verb.options.version = *version;
    refuse_overwriting(verb.out, {verb.app, verb.key});
    const Buffer program = read_file(verb.app);
    if (looks_like_image(program))
        throw Failure(Exit::bad_input, "it is a signed image already", verb.app,
                      "give the program that it was made of");
    const pack::PrivateKey key = need(pack::PrivateKey::load(verb.key));
    write_file(verb.out, need(pack::sign_image(program, verb.options, key)));
    const ImageFile image = read_image(verb.out);
    Json json = {{"image", verb.out}};
    json.update(image_json(image));
    shell.answer(json, image_text(image));
}

void add_sign(CLI::App& group, Shell& shell) {
    auto v = std::make_shared<SignVerb>();
    CLI::App* verb = shell.verb(
        group, "sign", "Make a signed image of a program",
        "  switchback image sign app.bin --key vendor.pem --version 1.2.3+4 --slot-size 480K -o app.signed.bin",
        [&shell, v] { sign(shell, *v); });
    verb->add_option("APP", v->app, "program, linked to start behind the header")->required();
    verb->add_option("--key", v->key, "private key, PEM")->required();
    verb->add_option("--version", v->version, "MAJOR.MINOR.REVISION+BUILD")->required();
    verb->add_option("--slot-size", v->options.slot_bytes, "size of the slot: the image must fit")
        ->transform(as_size())
        ->check(CLI::PositiveNumber)
        ->required();
    verb->add_option("--header-size", v->options.header_bytes, "header with its padding")
        ->transform(as_size())
        ->capture_default_str();
    verb->add_option("--align", v->options.align, "write unit of the flash")
        ->transform(as_size())
        ->capture_default_str();
    verb->add_option("--security-counter", v->options.security_counter,
                     "devices that confirmed it never again run an image with a lower one")
        ->transform(as_number());
    verb->add_option("--rom-fixed", v->options.rom_fixed, "bind the image to the address of its slot")
        ->transform(as_size());
    verb->add_option("-o,--output", v->out, "signed image")->required();
}

struct VerifyVerb {
    std::string image;
    std::string key;
};

void verify(Shell& shell, const VerifyVerb& verb) {
    shell.if_it_fails({{"image", verb.image}, {"verified", false}});
    const std::array<TrustedKey, 1> ring = {pack::trusted(need(pack::load_public_key(verb.key)))};
    const ImageFile image = read_verified_image(verb.image, ring);
    Json json = {{"image", verb.image}, {"verified", true}, {"keyhash", to_hex(ring[0].hash)}};
    json.update(image_json(image));
    shell.answer(json, image_text(image) + "verified under key " + to_hex(ring[0].hash) + "\n");
}

void add_verify(CLI::App& group, Shell& shell) {
    auto v = std::make_shared<VerifyVerb>();
    CLI::App* verb =
        shell.verb(group, "verify", "Verify digest and signature of an image",
                   "  switchback image verify app.signed.bin --key vendor.pub.pem", [&shell, v] { verify(shell, *v); });
    verb->add_option("IMAGE", v->image, "signed image")->required();
    verb->add_option("--key", v->key, "public key, PEM")->required();
}

}  // namespace

void add_image_verbs(CLI::App& app, Shell& shell) {
    CLI::App* group = app.add_subcommand("image", "Sign and verify images")->require_subcommand(1);
    group->footer("Example:\n  switchback image verify app.signed.bin --key vendor.pub.pem");
    add_sign(*group, shell);
    add_verify(*group, shell);
}

}  // namespace sb::cli
