# Writes OUT, a C++ file that holds the text of every file of INPUTS: cmake -DOUT=… -DINPUTS=a;b -P embed.cmake
set(entries "")
foreach(file ${INPUTS})
  get_filename_component(name ${file} NAME_WE)
  file(READ ${file} text)
  string(APPEND entries "    {\"${name}\", R\"~~~(${text})~~~\"},\n")
endforeach()
file(WRITE ${OUT} "// Generated from layouts/*.toml.
#include \"tools/layout/shipped.hpp\"

namespace sb::layout {
namespace {
constexpr Shipped all[] = {
${entries}};
}  // namespace

std::span<const Shipped> shipped() {
    return all;
}

}  // namespace sb::layout
")
