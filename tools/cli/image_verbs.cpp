// switchback image: signed images in MCUboot's format.
#include <fmt/format.h>

#include <array>
#include <map>
#include <memory>

#include "tools/cli/images.hpp"
#include "tools/cli/verbs.hpp"
#include "tools/layout/check.hpp"
#include "tools/layout/geometry_flash.hpp"
#include "tools/layout/image_set.hpp"
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
    std::string layout;
    std::vector<std::string> components;  ///< NAME=FILE
    std::optional<std::uint32_t> header_bytes;
    pack::SignOptions options;
};

constexpr std::uint32_t usual_header_bytes = 0x200;

Buffer read_program(const std::string& path) {
    Buffer program = read_file(path);
    if (looks_like_image(program))
        throw Failure(Exit::bad_input, "it is a signed image already", path, "give the program that it was made of");
    return program;
}

/// The files of a set's components by their names, APP being the first one's.
std::map<std::string, Buffer> read_components(const SignVerb& verb, const layout::Part& set) {
    std::map<std::string, Buffer> programs = {{set.components[0].name, read_program(verb.app)}};
    for (const std::string& given : verb.components) {
        const auto equals = given.find('=');
        if (equals == 0 || equals == std::string::npos || equals + 1 == given.size())
            throw Failure(Exit::usage, fmt::format("'{}' is not NAME=FILE", given), "--component",
                          "write e.g. --component assets=assets.bin");
        const std::string name = given.substr(0, equals);
        if (!programs.emplace(name, read_program(given.substr(equals + 1))).second)
            throw Failure(Exit::usage, fmt::format("component '{}' is given twice", name), "--component",
                          "APP is the first component; name each other one once");
    }
    return programs;
}

/// What is signed: the program, or every component of the layout's set at its place.
Buffer body_of(SignVerb& verb) {
    if (verb.layout.empty()) {
        if (!verb.components.empty())
            throw Failure(Exit::usage, "components without a layout", "--component",
                          "add --layout: it says where they stand");
        if (verb.options.slot_bytes == 0)
            throw Failure(Exit::usage, "how large the slot is was not said", "--slot-size", "give it, or --layout");
        verb.options.header_bytes = verb.header_bytes.value_or(usual_header_bytes);
        return read_program(verb.app);
    }
    const layout::Layout layout = need(layout::load(verb.layout));
    if (verb.header_bytes && *verb.header_bytes != layout.header_bytes)
        throw Failure(Exit::usage, fmt::format("layout {} has headers of {} bytes", layout.name, layout.header_bytes),
                      "--header-size", "leave it out: the layout says it");
    verb.options.header_bytes = layout.header_bytes;
    if (verb.options.slot_bytes == 0) verb.options.slot_bytes = need(layout::check(layout)).image_room_bytes;
    const layout::Part* set = layout.set_of("slot_a");
    if (set == nullptr) {
        if (!verb.components.empty())
            throw Failure(Exit::usage, fmt::format("images of layout {} have no components", layout.name),
                          "--component", "leave it out, or add a [[set]] to the layout");
        return read_program(verb.app);
    }
    const std::map<std::string, Buffer> programs = read_components(verb, *set);
    Buffer body = need(layout::lay_out(*set, programs, layout.header_bytes, layout.file));
    for (std::size_t i = 0; i < set->components.size(); ++i) {
        const std::string& name = set->components[i].name;
        verb.options.components.push_back({.name = name,
                                           .offset = layout::place_of(*set, i, layout.header_bytes).offset,
                                           .bytes = static_cast<std::uint32_t>(programs.at(name).size())});
    }
    return body;
}

void sign(Shell& shell, SignVerb& verb) {
    const auto version = pack::parse_version(verb.version);
    if (!version)
        throw Failure(Exit::usage, fmt::format("'{}' is not a version", verb.version), "--version",
                      "write MAJOR.MINOR.REVISION+BUILD, e.g. 1.2.3+4");
    verb.options.version = *version;
    std::vector<std::string> inputs = {verb.app, verb.key};
    for (const std::string& given : verb.components) inputs.push_back(given.substr(given.find('=') + 1));
    refuse_overwriting(verb.out, inputs);
    const Buffer program = body_of(verb);
    const pack::PrivateKey key = need(pack::PrivateKey::load(verb.key));
    const ImageFile image = image_of(need(pack::sign_image(program, verb.options, key)), verb.out);
    if (!verb.layout.empty()) need_start(layout::GeometryMap(need(layout::load(verb.layout))).map(), image);
    write_file(verb.out, image.bytes);
    Json json = {{"image", verb.out}};
    json.update(image_json(image));
    shell.answer(json, image_text(image));
}

void add_sign(CLI::App& group, Shell& shell) {
    auto v = std::make_shared<SignVerb>();
    CLI::App* verb = shell.verb(
        group, "sign", "Make a signed image of a program",
        "  switchback image sign app.bin --key vendor.pem --version 1.2.3+4 --slot-size 480K -o app.signed.bin\n"
        "  switchback image sign app.bin --component assets=assets.bin --layout nrf52840_set --key vendor.pem\n"
        "                        --version 1.2.3 -o set.signed.bin",
        [&shell, v] { sign(shell, *v); });
    verb->add_option("APP", v->app, "program, linked to start behind the header")->required();
    verb->add_option("--key", v->key, "private key, PEM")->required();
    verb->add_option("--version", v->version, "MAJOR.MINOR.REVISION+BUILD")->required();
    verb->add_option("--slot-size", v->options.slot_bytes, "size of the slot: the image must fit")
        ->transform(as_size())
        ->check(CLI::PositiveNumber);
    verb->add_option("--layout", v->layout,
                     "name or FILE.toml: says slot size and header size, and where components go");
    verb->add_option("--component", v->components,
                     "NAME=FILE: what else an image set of the layout consists of; APP is its first component");
    verb->add_option("--header-size", v->header_bytes, "header with its padding; 0x200 where no layout says it")
        ->transform(as_size());
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
