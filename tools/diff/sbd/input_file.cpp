#include "tools/diff/sbd/input_file.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include "core/delta/sbd/plan.hpp"

namespace sb::diff {
namespace {

constexpr std::uint32_t uf2_magic = 0x0a324655;

/// Bytes that stand at `address` in flash.
struct Part {
    std::uint32_t address = 0;
    Bytes bytes;
    [[nodiscard]] std::uint64_t end() const { return std::uint64_t{address} + bytes.size(); }
};

InputImage flat(InputKind kind, const std::vector<Part>& parts, std::uint8_t gap, std::size_t most_bytes) {
    std::uint64_t low = std::numeric_limits<std::uint64_t>::max(), high = 0;
    for (const Part& part : parts) {
        if (part.bytes.empty()) continue;
        low = std::min<std::uint64_t>(low, part.address);
        high = std::max(high, part.end());
    }
    if (low > high) throw InputError("the file holds no bytes for flash");
    if (high > std::uint64_t{1} << 32) throw InputError("the file names addresses above 4 GB");
    if (high - low > most_bytes) throw InputError("the parts of the file are too far apart for one image");
    InputImage image;
    image.kind = kind;
    image.flash_address = static_cast<std::uint32_t>(low);
    image.bytes.assign(static_cast<std::size_t>(high - low), gap);
    for (const Part& part : parts)
        std::ranges::copy(part.bytes, image.bytes.begin() + static_cast<std::ptrdiff_t>(part.address - low));
    return image;
}

/// One segment: what stands at an address is read from there.
InputImage loaded_in_place(InputImage image) {
    constexpr std::uint32_t behind = 4096;  // some more, for variables
    image.table.segments = {{0, image.flash_address, static_cast<std::uint32_t>(image.bytes.size()) + behind}};
    return image;
}

/// Intel, "Hexadecimal Object File Format Specification": a colon, then bytes in hexadecimal: count, address (2, big
/// endian), type, data, and what makes the sum of all of them 0.
class HexReader {
public:
    explicit HexReader(Bytes text) : text_(text) {}

    /// False at the end of the text or behind an end record.
    bool next() {
        while (at_ < text_.size() && text_[at_] != ':') {
            if (text_[at_] > ' ') fail("holds something else than records");
            ++at_;
        }
        if (ended_ || at_ == text_.size()) return false;
        ++at_;
        ++record_;
        const std::uint8_t count = byte();
        std::uint8_t sum = count;
        std::uint8_t bytes[4 + 255];
        const std::size_t length = std::size_t{count} + 4;  // and address, type, sum
        for (std::size_t k = 0; k < length; ++k) sum = static_cast<std::uint8_t>(sum + (bytes[k] = byte()));
        if (sum != 0) fail("has a wrong sum");
        take(bytes[2], static_cast<std::uint32_t>(bytes[0] << 8 | bytes[1]), Bytes(bytes + 3, count));
        return true;
    }

    struct Run {
        std::uint32_t address = 0;
        std::vector<std::uint8_t> bytes;
    };
    [[nodiscard]] const std::vector<Run>& runs() const { return runs_; }

private:
    [[noreturn]] void fail(const char* why) const {
        throw InputError("record " + std::to_string(record_) + " of the Intel HEX file " + why);
    }
    std::uint8_t digit() {
        if (at_ == text_.size()) fail("is cut off");
        const std::uint8_t c = text_[at_++];
        if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
        const auto lower = static_cast<std::uint8_t>(c | 0x20);
        if (lower < 'a' || lower > 'f') fail("holds no hexadecimal number");
        return static_cast<std::uint8_t>(lower - 'a' + 10);
    }
    std::uint8_t byte() {
        const std::uint8_t high = digit();
        return static_cast<std::uint8_t>(high << 4 | digit());
    }

    void take(std::uint8_t type, std::uint32_t address, Bytes data) {
        enum : std::uint8_t { bytes_here, end, segment, start_segment, upper_half, start_address };
        switch (type) {
            case bytes_here:
                return add(base_ + address, data);
            case end:
                ended_ = true;
                return;
            case segment:
            case upper_half: {
                if (data.size() != 2) fail("has a wrong length");
                base_ = std::uint32_t{load_be<std::uint16_t>(data)} << (type == segment ? 4 : 16);
                return;
            }
            case start_segment:
            case start_address:
                return;
            default:
                fail("is of no known type");
        }
    }
    void add(std::uint32_t address, Bytes data) {
        const bool follows = !runs_.empty() && runs_.back().address + runs_.back().bytes.size() == address;
        if (!follows) runs_.push_back({address, {}});
        runs_.back().bytes.insert(runs_.back().bytes.end(), data.begin(), data.end());
    }

    Bytes text_;
    std::size_t at_ = 0;
    std::size_t record_ = 0;
    std::uint32_t base_ = 0;
    bool ended_ = false;
    std::vector<Run> runs_;
};

InputImage unwrap_hex(Bytes file, std::size_t most_bytes) {
    HexReader reader(file);
    while (reader.next()) continue;
    std::vector<Part> parts;
    for (const HexReader::Run& run : reader.runs()) parts.push_back({run.address, run.bytes});
    return loaded_in_place(flat(InputKind::intel_hex, parts, 0xff, most_bytes));
}

/// Microsoft, "USB Flashing Format": blocks of 512 bytes, each with its address, its size and up to 476 bytes.
InputImage unwrap_uf2(Bytes file, std::size_t most_bytes) {
    constexpr std::size_t block_bytes = 512, data_at = 32, most_data = 476;
    constexpr std::uint32_t second_magic = 0x9e5d5157, last_magic = 0x0ab16f30, not_for_flash = 1;
    if (file.size() % block_bytes != 0) throw InputError("the UF2 file ends inside a block");
    std::vector<Part> parts;
    for (std::size_t at = 0; at < file.size(); at += block_bytes) {
        const Bytes block = file.subspan(at, block_bytes);
        const auto bytes = load_le<std::uint32_t>(block, 16);
        if (load_le<std::uint32_t>(block, 0) != uf2_magic || load_le<std::uint32_t>(block, 4) != second_magic ||
            load_le<std::uint32_t>(block, 508) != last_magic || bytes > most_data)
            throw InputError("block " + std::to_string(at / block_bytes) + " of the UF2 file is none");
        if ((load_le<std::uint32_t>(block, 8) & not_for_flash) == 0)
            parts.push_back({load_le<std::uint32_t>(block, 12), block.subspan(data_at, bytes)});
    }
    return loaded_in_place(flat(InputKind::uf2, parts, 0xff, most_bytes));
}

}  // namespace

InputKind input_kind(Bytes file) {
    constexpr std::size_t shortest_record = 11;
    if (file.size() >= shortest_record && file[0] == ':') {
        const auto hexadecimal = [](std::uint8_t c) {
            return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
        };
        if (std::ranges::all_of(file.subspan(1, 8), hexadecimal)) return InputKind::intel_hex;
    }
    if (file.size() < 20) return InputKind::image;
    constexpr std::uint16_t executable = 2;
    if (ElfFile::recognises(file) && load_le<std::uint16_t>(file, 16) == executable) return InputKind::elf_executable;
    if (load_le<std::uint32_t>(file) == uf2_magic && file.size() >= 512) return InputKind::uf2;
    return InputKind::image;
}

namespace {

/// Where it is unusual: the usual RAM has the stack, too, and costs nothing to tell.
void tell_ram(const ElfFile& elf, LoadTable& table) {
    constexpr std::uint16_t arm = 40;
    const sbd::Architecture architecture = elf.machine() == arm ? sbd::Architecture::thumb : table.architecture;
    const sbd::UsualSpaces usual = sbd::usual_spaces(architecture);
    const auto [from, end] = elf.written();
    const bool is_usual = from >= usual.ram_address && end <= std::uint64_t{usual.ram_address} + usual.ram_bytes;
    if (from == end || is_usual || end > std::uint64_t{1} << 32) return;
    table.ram_address = static_cast<std::uint32_t>(from);
    table.ram_bytes = static_cast<std::uint32_t>(end - from);
}

}  // namespace

InputImage unwrap_elf(Bytes file, std::size_t most_bytes) {
    const ElfFile elf(file);
    std::vector<Part> parts;
    for (const ElfSegment& segment : elf.segments()) parts.push_back({segment.flash, elf.bytes_of(segment)});
    InputImage image = flat(InputKind::elf_executable, parts, 0, most_bytes);
    for (const ElfSegment& segment : elf.segments())
        image.table.segments.push_back(
            {segment.flash - image.flash_address, segment.address, std::max(segment.memory_bytes, segment.file_bytes)});
    image.table.architecture = elf_architecture(elf.machine());
    tell_ram(elf, image.table);
    return image;
}

InputImage unwrap(Bytes file, std::size_t most_bytes) {
    switch (input_kind(file)) {
        case InputKind::elf_executable:
            if (ElfFile(file).wants_interpreter()) break;  // a program of a system, installed as it is
            return unwrap_elf(file, most_bytes);
        case InputKind::intel_hex:
            return unwrap_hex(file, most_bytes);
        case InputKind::uf2:
            return unwrap_uf2(file, most_bytes);
        default:
            break;
    }
    return {
        .kind = InputKind::image, .bytes = {file.begin(), file.end()}, .flash_address = 0, .table = load_table(file)};
}

}  // namespace sb::diff
