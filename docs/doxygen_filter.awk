# Our comments are plain //: what stands at the top of a file, in front of a declaration, or behind it on its line, is its documentation.
# Doxygen is told so. Comments inside functions (indented by four or more) are left alone.
function flush() { if (held != "") print held; held = "" }
NR == 1 && /^\/\/ afire\// {
  name = $2
  sub(/.* -- /, "")
  print "/** \\file " name "\n *  \\brief " $0 ".\n *  \\verbatim"
  top = 1
  next
}
top && /^\/\// { sub(/^\/\/ ?/, "    "); print; next }
top { print "    \\endverbatim */"; top = 0 }
/^ *template <.*>$/ { flush(); held = $0; next }
/^ ? ? ?\/\/ / { flush(); sub(/\/\/ /, "/// "); print; next }
/^ ? ? ?[a-z].* [{] +\/\/ / {                                          # struct Name {     // what it is
  at = index($0, " // ")
  print "/// " substr($0, at + 4)
  flush()
  print substr($0, 1, at)
  next
}
/[;{,)}] +\/\/ / { sub(/\/\/ /, "///< ") }
{ flush(); print }
END { flush() }
