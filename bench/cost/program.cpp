#include "bench/cost/program.hpp"

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>

#include "tools/diff/sbd/elf_file.hpp"

namespace sb::cost {
namespace {

std::vector<std::uint8_t> read_file(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) throw std::runtime_error(path.string() + ": cannot be read");
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string demangled(const std::string& name) {
    int status = 0;
    const std::unique_ptr<char, void (*)(void*)> plain(abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status),
                                                       std::free);
    return plain ? plain.get() : name;
}

}  // namespace

Program::Program(const std::filesystem::path& path) : code_(code_bytes) {
    const std::vector<std::uint8_t> file = read_file(path);
    if (!diff::ElfFile::recognises(file)) throw std::runtime_error(path.string() + ": no ELF file");
    const diff::ElfFile elf(file);
    for (const diff::ElfSegment& segment : elf.segments()) {
        const Bytes bytes = elf.bytes_of(segment);
        if (segment.address >= code_bytes || bytes.size() > code_bytes - segment.address)
            throw std::runtime_error(path.string() + ": code or data where a guest has none");
        std::ranges::copy(bytes, code_.begin() + segment.address);
    }
    for (const diff::ElfSymbol& symbol : elf.symbols()) {
        symbols_.push_back(
            {symbol.name, static_cast<std::uint32_t>(symbol.address), static_cast<std::uint32_t>(symbol.bytes)});
        if (symbol.is_function) functions_.push_back(symbols_.back());
    }
    std::ranges::sort(functions_, {}, &Symbol::address);
}

const Symbol& Program::symbol(const std::string& name) const {
    const auto found = std::ranges::find(symbols_, name, &Symbol::name);
    if (found == symbols_.end()) throw std::runtime_error("the guest has no symbol " + name);
    return *found;
}

const Symbol* Program::find_function(std::uint32_t address) const {
    const auto after = std::ranges::upper_bound(functions_, address, {}, &Symbol::address);
    return after == functions_.begin() ? nullptr : &*std::prev(after);
}

std::string Program::function_at(std::uint32_t address) const {
    const Symbol* const found = find_function(address);
    return found == nullptr ? "?" : demangled(found->name);
}

bool Program::is_helper(std::uint32_t address) const {
    // names of C++ begin with _Z; __ is the compiler's
    const Symbol* const found = find_function(address);
    return found != nullptr && (found->name.starts_with("__") || found->name.starts_with("mem"));
}

}  // namespace sb::cost
