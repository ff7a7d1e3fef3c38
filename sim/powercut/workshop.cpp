#include "sim/powercut/workshop.hpp"

#include <algorithm>
#include <stdexcept>

#include "ports/host/openssl_crypto.hpp"
#include "tools/diff/in_place.hpp"
#include "tools/pack/device_class.hpp"

namespace sb::sim {

namespace {

using Buffer = std::vector<std::uint8_t>;

template <class T>
T need(pack::Outcome<T> outcome) {
    if (!outcome) throw std::runtime_error(outcome.error().where + ": " + outcome.error().what);
    return std::move(*outcome);
}

/// Words as a small compiler would leave them: opcodes from a few classes, addresses that move with the version and
/// with where the program is linked.
Buffer program(std::uint32_t bytes, unsigned family, const Version& version, std::uint32_t linked_at = 0) {
    Buffer out(bytes);
    std::uint32_t state = 0x9E3779B9U * (family + 1);
    const std::uint32_t shift = version.minor * 24U + version.build + linked_at;
    for (std::uint32_t at = 0; at + 4 <= bytes; at += 4) {
        state = state * 1664525U + 1013904223U;
        const bool is_address = state >> 28 == 3;
        const std::uint32_t word =
            is_address ? 0x0800'0000U + (state >> 12 & 0xFFFCU) + shift : (state >> 20) * 0x0101U;
        store_le<std::uint32_t>(out, at, word);
    }
    return out;
}

}  // namespace

Digest image_digest(Bytes image) {
    OpensslCrypto crypto;
    return sha256(crypto, image);
}

Workshop::Workshop(std::string device_class, std::uint32_t header_bytes)
    : key_(need(pack::PrivateKey::generate())), device_class_(std::move(device_class)) {
    const pack::ClassIds ids = need(pack::class_ids(device_class_));
    identity_.vendor = ids.vendor;
    identity_.device_class = ids.device_class;
    identity_.header_bytes = header_bytes;
    identity_.keys = {pack::trusted(key_.public_key())};
}

Buffer Workshop::image(const Version& version, std::uint32_t body_bytes, unsigned family,
                       std::optional<std::uint32_t> security_counter, std::optional<std::uint32_t> address) const {
    pack::SignOptions options;
    options.rom_fixed = address;
    options.version = version;
    options.header_bytes = identity_.header_bytes;
    options.security_counter = security_counter;
    return need(pack::sign_image(program(body_bytes, family, version, address.value_or(0)), options, key_));
}

namespace {

/// How `diff` makes a payload of `format` in at most 4 KB of decoder memory besides LZMA's model.
diff::DiffOptions options_for(PayloadFormat format, std::uint32_t segment_bytes) {
    diff::DiffOptions how{.format = "endsley", .compress = "lzma", .ram_bytes = 4096, .segment_bytes = segment_bytes};
    if (format == PayloadFormat::endsley) how.compress = "none";
    if (format == PayloadFormat::hpatchlite) how = {.format = "hpatchlite", .compress = "tuz", .ram_bytes = 4096};
    if (format == PayloadFormat::vcdiff) how = {.format = "vcdiff", .compress = "interleaved", .window_bytes = 2048};
    if (format == PayloadFormat::sbd) {
        how.format = "sbd";
        how.compress = "";
        how.level = 1;
        how.threads = 1;
    }
    if (format == PayloadFormat::hdiffsf) {
        how.format = "hdiffsf";
        how.compress = "none";
        how.ram_bytes = 1024;
    }
    return how;
}

/// A payload and what its package says of it.
struct Made {
    pack::PackageOptions options;
    Buffer payload{};  ///< empty: the image as it is
};

/// `preamble_bytes`: as in diff::DiffOptions.
Made make(const std::string& device_class, Bytes from, Bytes to, PayloadFormat format, std::uint32_t block_bytes,
          std::uint32_t segment_bytes, std::size_t preamble_bytes = 0) {
    Made made{.options = {.device_class = device_class, .format = format, .block_bytes = block_bytes}};
    if (format == PayloadFormat::raw) return made;
    diff::DiffOptions how = options_for(format, segment_bytes);
    if (format == PayloadFormat::lzma) how = {.format = "lzma", .ram_bytes = 4096};
    how.preamble_bytes = static_cast<std::uint32_t>(preamble_bytes);
    diff::Patch patch = diff::make_patch(from, to, how);
    made.options.decoder_ram_bytes = patch.decoder_ram_bytes;
    if (is_delta(format)) made.options.source_digest = image_digest(from);
    made.payload = std::move(patch.bytes);
    if (format != PayloadFormat::sbd) return made;
    const auto split = made.payload.begin() + diff::sbd_preamble_bytes(made.payload);  // it stands in the envelope
    made.options.parameters.assign(made.payload.begin(), split);
    made.payload.erase(made.payload.begin(), split);
    return made;
}

}  // namespace

Buffer Workshop::full(Bytes image, PayloadFormat format, std::uint32_t block_bytes) const {
    const Made made = make(device_class_, {}, image, format, block_bytes, 0);
    return need(pack::build_package(image, made.payload, made.options, key_));
}

Buffer Workshop::delta(Bytes from, Bytes to, PayloadFormat format, std::uint32_t block_bytes,
                       std::uint32_t segment_bytes) const {
    const Made made = make(device_class_, from, to, format, block_bytes, segment_bytes);
    return need(pack::build_package(to, made.payload, made.options, key_));
}

Buffer Workshop::there_and_back(Bytes from, Bytes to, PayloadFormat format, std::uint32_t block_bytes,
                                std::uint32_t segment_bytes) const {
    const std::size_t room = need(pack::room_for_parameters(key_));
    Made there = make(device_class_, from, to, format, block_bytes, segment_bytes, room);
    Made back = make(device_class_, to, from, format, block_bytes, segment_bytes, room);
    there.options.decoder_ram_bytes = std::max(there.options.decoder_ram_bytes, back.options.decoder_ram_bytes);
    there.options.reverse = pack::ReverseOptions{.source_bytes = static_cast<std::uint32_t>(from.size()),
                                                 .payload = std::move(back.payload),
                                                 .parameters = std::move(back.options.parameters)};
    return need(pack::build_package(to, there.payload, there.options, key_));
}

Buffer Workshop::in_place(Bytes from, Bytes to, std::uint32_t slot_bytes, std::uint32_t erase_bytes, bool way_back,
                          PayloadFormat format, std::uint32_t block_bytes) const {
    diff::DiffOptions how = options_for(format, erase_bytes < 1024 ? 1024 : erase_bytes);
    if (format == PayloadFormat::sbd)
        how.preamble_bytes = static_cast<std::uint32_t>(need(pack::room_for_parameters(key_)));
    const diff::InPlacePatch patch = diff::make_in_place(from, to, how, slot_bytes, erase_bytes, way_back);
    pack::PackageOptions options{.device_class = device_class_, .format = patch.format, .block_bytes = block_bytes};
    options.decoder_ram_bytes = patch.decoder_ram_bytes;
    options.source_digest = image_digest(from);
    options.parameters = patch.parameters;
    auto& in_place = options.in_place.emplace();
    in_place.shift = patch.shift;
    in_place.erase_bytes = erase_bytes;
    in_place.source_bytes = static_cast<std::uint32_t>(from.size());
    if (patch.way_back) in_place.way_back = {patch.way_back->from, patch.way_back->shift, patch.way_back->parameters};
    return need(pack::build_package(to, patch.payload, options, key_));
}

Buffer Workshop::whole_and_back(Bytes from, Bytes to, std::uint32_t slot_bytes, std::uint32_t erase_bytes,
                                PayloadFormat back, PayloadFormat format, std::uint32_t block_bytes) const {
    diff::DiffOptions how = options_for(back, erase_bytes < 1024 ? 1024 : erase_bytes);
    if (back == PayloadFormat::sbd)
        how.preamble_bytes = static_cast<std::uint32_t>(need(pack::room_for_parameters(key_)));
    diff::InPlacePatch patch = diff::make_in_place(to, from, how, slot_bytes, erase_bytes, false);
    Made made = make(device_class_, {}, to, format, block_bytes, 0);
    made.options.reverse = pack::ReverseOptions{.source_bytes = static_cast<std::uint32_t>(from.size()),
                                                .payload = std::move(patch.payload),
                                                .parameters = std::move(patch.parameters),
                                                .in_place = ReverseInPlace{.format = patch.format,
                                                                           .decoder_ram_bytes = patch.decoder_ram_bytes,
                                                                           .source_digest = image_digest(from),
                                                                           .shift = patch.shift,
                                                                           .erase_bytes = erase_bytes}};
    return need(pack::build_package(to, made.payload, made.options, key_));
}

Buffer Workshop::for_each_slot(const Pair& from, const Pair& to, PayloadFormat format, std::uint32_t block_bytes,
                               std::uint32_t segment_bytes) const {
    const std::size_t room = need(pack::room_for_parameters(key_));
    // What is written to a slot is made from what runs in the other one.
    const Made a = make(device_class_, from[1], to[0], format, block_bytes, segment_bytes, room);
    const Made b = make(device_class_, from[0], to[1], format, block_bytes, segment_bytes, room);
    return need(
        pack::build_package({pack::SlotBuild{to[0], a.payload, a.options}, {to[1], b.payload, b.options}}, key_));
}

Buffer Workshop::sign(Bytes program, const Version& version, std::optional<std::uint32_t> address) const {
    pack::SignOptions options;
    options.version = version;
    options.header_bytes = identity_.header_bytes;
    options.rom_fixed = address;
    return need(pack::sign_image(program, options, key_));
}

Cast Workshop::cast_of(PayloadFormat format, const Linked& a, const Linked* b, std::uint32_t segment_bytes) const {
    const Version old_version{.major = 1}, new_version{.major = 1, .minor = 1};
    Cast cast{.old_image = sign(a.old_program, old_version, a.address),
              .new_image = sign(a.new_program, new_version, a.address),
              .golden = sign(a.old_program, {.minor = 9}, a.address)};
    const bool whole = !is_delta(format);
    if (b == nullptr) {
        cast.package =
            whole ? full(cast.new_image, format) : delta(cast.old_image, cast.new_image, format, 256, segment_bytes);
        cast.rescue = full(cast.old_image);
        return cast;
    }
    cast.old_image_b = sign(b->old_program, old_version, b->address);
    cast.new_image_b = sign(b->new_program, new_version, b->address);
    const Pair old_pair{cast.old_image, cast.old_image_b}, new_pair{cast.new_image, cast.new_image_b};
    cast.package = for_each_slot(whole ? Pair{} : old_pair, new_pair, format, 256, segment_bytes);
    cast.rescue = for_each_slot({}, old_pair);
    return cast;
}

Cast Workshop::cast(PayloadFormat format, Bytes old_program, Bytes new_program, std::uint32_t segment_bytes,
                    std::optional<std::uint32_t> slot_b) const {
    Linked a{{old_program.begin(), old_program.end()}, {new_program.begin(), new_program.end()}};
    if (!slot_b) return cast_of(format, a, nullptr, segment_bytes);
    a.address = 0;
    Linked b = a;
    b.address = slot_b;
    return cast_of(format, a, &b, segment_bytes);
}

Cast Workshop::cast(PayloadFormat format, std::uint32_t body_bytes, std::uint32_t segment_bytes,
                    std::optional<std::uint32_t> slot_b) const {
    const auto linked_at = [&](std::optional<std::uint32_t> address) {
        const std::uint32_t base = address.value_or(0);
        return Linked{program(body_bytes, 0, {.major = 1}, base),
                      program(body_bytes, 0, {.major = 1, .minor = 1}, base), address};
    };
    if (!slot_b) return cast_of(format, linked_at({}), nullptr, segment_bytes);
    const Linked b = linked_at(slot_b);
    return cast_of(format, linked_at(0), &b, segment_bytes);
}

namespace {

/// Gives a board a region of its own for the patch that undoes the package, unless slot B has room for it behind the
/// image; of one slot the marks of how far an undoing came have room there, too.
void make_room_for_reverse(BoardSpec& board, const Cast& cast) {
    if (board.patch_units != 0) return;
    const auto package = static_cast<std::uint32_t>(cast.package.size());
    if (board.scheme == Scheme::single) {
        board.patch_units = (package + 4096) / board.unit_bytes + 4;
        return;
    }
    std::uint32_t largest = board.unit_bytes;
    for (const EraseRun& run : board.slot_b) largest = std::max(largest, run.unit_bytes);
    if (cast.new_image.size() + largest + package > board_map(board).slots[1].bytes)
        board.patch_units = package / board.unit_bytes + 1;
}

}  // namespace

void Workshop::add_reverse(Cast& cast, BoardSpec& board, PayloadFormat format, std::uint32_t segment_bytes) const {
    if (!cast.reverse && board.scheme == Scheme::single) {
        const PayloadFormat back = format == PayloadFormat::raw ? PayloadFormat::sbd : PayloadFormat::endsley_lzma;
        cast.package = whole_and_back(cast.old_image, cast.new_image, board_map(board).slots[0].bytes, board.unit_bytes,
                                      back, format);
    } else if (!cast.reverse) {
        cast.package = there_and_back(cast.old_image, cast.new_image, format, 256, segment_bytes);
    }
    cast.reverse = true;
    make_room_for_reverse(board, cast);
}

}  // namespace sb::sim
