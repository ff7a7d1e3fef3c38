#include "tools/diff/big_buffer.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <new>

namespace sb::diff {
namespace {

constexpr std::size_t page_bytes = std::size_t{1} << 12;
constexpr std::size_t huge_bytes = std::size_t{1} << 21;

std::size_t in_pages(std::size_t bytes) {
    return (bytes + page_bytes - 1) / page_bytes * page_bytes;
}

void unmap(std::uint8_t* from, std::size_t bytes) {
    if (bytes != 0) ::munmap(from, bytes);
}

/// `bytes` from where a huge page can begin.
std::uint8_t* map(std::size_t bytes, std::size_t alignment) {
    const std::size_t spare = alignment - page_bytes;
    void* const mapped = ::mmap(nullptr, bytes + spare, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) throw std::bad_alloc();
    auto* const begin = static_cast<std::uint8_t*>(mapped);
    const std::size_t before = (alignment - reinterpret_cast<std::uintptr_t>(begin) % alignment) % alignment;
    unmap(begin, before);
    unmap(begin + before + bytes, spare - before);
    return begin + before;
}

}  // namespace

BigBuffer::BigBuffer(std::size_t bytes, std::size_t least_huge) : bytes_(bytes) {
    if (bytes == 0) return;
    const std::size_t huge = (bytes + huge_bytes - least_huge) / huge_bytes * huge_bytes;
    mapped_ = std::max(huge, in_pages(bytes));
    begin_ = map(mapped_, huge != 0 ? huge_bytes : page_bytes);
    if (huge != 0) ::madvise(begin_, huge, MADV_HUGEPAGE);  // without it they are small pages
    // What will be filled soon is asked for at once; where that cannot be, the pages come one by one.
    if (huge == 0 && least_huge <= quick) ::madvise(begin_, mapped_, MADV_POPULATE_WRITE);
}

BigBuffer::~BigBuffer() {
    unmap(begin_, mapped_);
}

void BigBuffer::shrink(std::size_t bytes) {
    const std::size_t kept = in_pages(bytes);
    unmap(begin_ + kept, mapped_ - kept);
    mapped_ = kept;
    bytes_ = bytes;
}

}  // namespace sb::diff
