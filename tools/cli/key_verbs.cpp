// switchback key: signing keys.
#include <fmt/format.h>

#include <cctype>
#include <filesystem>
#include <memory>

#include "tools/cli/text.hpp"
#include "tools/cli/verbs.hpp"
#include "tools/pack/keys.hpp"

namespace sb::cli {
namespace {

struct NewOptions {
    std::string out;
};

void make_key(Shell& shell, const NewOptions& options) {
    const pack::PrivateKey key = need(pack::PrivateKey::generate());
    need(pack::write_key_pair(key, options.out));
    const std::string public_file = pack::public_file_of(options.out).string();
    const std::string hash = to_hex(pack::trusted(key.public_key()).hash);
    shell.answer(
        {{"private_key", options.out}, {"public_key", public_file}, {"keyhash", hash}},
        fmt::format("{}: private key, keep it secret\n{}: public key\nkey hash {}\n", options.out, public_file, hash));
}

struct ShowOptions {
    std::string key;
    std::string format = "pem";
};

/// The bytes as lines of a C initialiser.
std::string c_array(const std::string& name, Bytes bytes) {
    std::string text = fmt::format("const unsigned char {}[{}] = {{", name, bytes.size());
    for (std::size_t i = 0; i < bytes.size(); ++i)
        text += fmt::format("{}0x{:02x},", i % 12 == 0 ? "\n    " : " ", bytes[i]);
    return text + "\n};\n";
}

/// A C identifier from a file name: vendor.pub.pem → vendor.
std::string identifier_of(const std::string& file) {
    std::string name = std::filesystem::path(file).filename().string();
    name = name.substr(0, name.find('.'));
    for (char& c : name)
        if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
    if (name.empty() || std::isdigit(static_cast<unsigned char>(name.front())) != 0) name.insert(0, "key_");
    return name;
}

std::string shown(const ShowOptions& options, const TrustedKey& key) {
    if (options.format == "pem") return pack::public_pem(key.key);
    if (options.format == "keyhash") return to_hex(key.hash) + "\n";
    const std::string name = identifier_of(options.key);
    return "/* ECDSA P-256 public key, X then Y, big-endian */\n" + c_array(name + "_key", key.key) +
           "/* SHA-256 of its SubjectPublicKeyInfo */\n" + c_array(name + "_keyhash", key.hash);
}

void show_key(Shell& shell, const ShowOptions& options) {
    const TrustedKey key = pack::trusted(need(pack::load_public_key(options.key)));
    shell.answer({{"key", options.key},
                  {"type", "ES256"},
                  {"keyhash", to_hex(key.hash)},
                  {"x", to_hex(Bytes(key.key).first(32))},
                  {"y", to_hex(Bytes(key.key).subspan(32))},
                  {"pem", pack::public_pem(key.key)}},
                 shown(options, key));
}

}  // namespace

void add_key_verbs(CLI::App& app, Shell& shell) {
    CLI::App* group = app.add_subcommand("key", "Make and show signing keys")->require_subcommand(1);
    group->footer("Example:\n  switchback key new --out vendor.pem");

    auto make = std::make_shared<NewOptions>();
    shell
        .verb(*group, "new", "Make an ES256 (ECDSA P-256) key pair: FILE.pem and FILE.pub.pem",
              "  switchback key new --out vendor.pem", [&shell, make] { make_key(shell, *make); })
        ->add_option("--out,-o", make->out, "private key file; its public half goes beside it")
        ->required();

    auto show = std::make_shared<ShowOptions>();
    CLI::App* verb = shell.verb(*group, "show", "Show the public half of a key",
                                "  switchback key show vendor.pem --format c > vendor_key.h",
                                [&shell, show] { show_key(shell, *show); });
    verb->add_option("KEY", show->key, "private or public key, PEM")->required();
    verb->add_option("--format", show->format, "pem, c (arrays for a bootloader) or keyhash (as in MCUboot's TLV)")
        ->check(CLI::IsMember({"c", "pem", "keyhash"}))
        ->capture_default_str();
}

}  // namespace sb::cli
