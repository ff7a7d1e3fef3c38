// Writes what the stack firmware works on: stack_fixture FILE. Keys and packages are made anew each time.
#include <cstdio>
#include <fstream>
#include <stdexcept>

#include "ports/host/openssl_crypto.hpp"
#include "tests/stack/fixture.hpp"
#include "tests/stack/program_pair.hpp"
#include "tools/diff/patch.hpp"
#include "tools/pack/build_package.hpp"
#include "tools/pack/device_class.hpp"
#include "tools/pack/sign_image.hpp"

namespace {

using namespace sb;
using namespace sb::stack;
using Blob = std::vector<std::uint8_t>;

constexpr std::size_t program_bytes = 40'000;
constexpr const char* device_class = "stack.example/cortex-m0";

template <class T>
T must(pack::Outcome<T> outcome) {
    if (!outcome) throw std::runtime_error(outcome.error().where + ": " + outcome.error().what);
    return std::move(*outcome);
}

Blob sign(Bytes program, std::uint8_t major, const pack::PrivateKey& key) {
    const pack::SignOptions options{
        .version = {.major = major}, .header_bytes = fixture_header_bytes, .security_counter = major};
    return must(pack::sign_image(program, options, key));
}

Blob delta_package(Bytes old_image, Bytes new_image, const pack::PrivateKey& key) {
    diff::DiffOptions how;
    how.format = "endsley";
    how.compress = "lzma";
    how.ram_bytes = fixture_dictionary_bytes;
    const diff::Patch patch = diff::make_patch(old_image, new_image, how);
    OpensslCrypto crypto;
    return must(pack::build_package(new_image, patch.bytes,
                                    {.device_class = device_class,
                                     .format = patch.payload.value(),
                                     .decoder_ram_bytes = patch.decoder_ram_bytes,
                                     .source_digest = sha256(crypto, old_image)},
                                    key));
}

void write(const char* file) {
    const pack::PrivateKey key = must(pack::PrivateKey::generate());
    const ProgramPair pair = make_program_pair(program_bytes);
    const Blob old_image = sign(pair.old_program, 1, key);
    const Blob new_image = sign(pair.new_program, 2, key);
    const Blob full = must(pack::build_package(new_image, {}, {.device_class = device_class}, key));
    const Blob delta = delta_package(old_image, new_image, key);
    const pack::ClassIds ids = must(pack::class_ids(device_class));

    // In the order of FixturePart.
    const std::array<Bytes, fixture_parts> parts = {key.public_key(), ids.vendor, ids.device_class,
                                                    old_image,        full,       delta};
    Blob all;
    for (const Bytes part : parts) {
        std::array<std::uint8_t, 4> length{};
        store_le(length, 0, static_cast<std::uint32_t>(part.size()));
        all.insert(all.end(), length.begin(), length.end());
        all.insert(all.end(), part.begin(), part.end());
    }
    std::ofstream out(file, std::ios::binary);
    out.write(reinterpret_cast<const char*>(all.data()), static_cast<std::streamsize>(all.size()));
    if (!out.flush() || all.size() > fixture_limit_bytes) throw std::runtime_error(std::string(file) + ": not written");
    std::printf("image %zu bytes, full package %zu, delta package %zu\n", new_image.size(), full.size(), delta.size());
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    try {
        write(argv[1]);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "stack_fixture: %s\n", e.what());
        return 1;
    }
}
