#!/bin/bash
# purity.sh ARCHIVE...: the code in these archives calls nothing that reads or writes anything but memory, knows
# the time, the environment or another process. What it may call is listed: a new name is looked at by a person.
set -euo pipefail

may_call='^(
  mem(chr|cmp|cpy|move|set) | strlen | strcmp | abort |
  # the language, and the sanitizers
  _Unwind_Resume | __cxa_.* | __gxx_personality_v0 | __dso_handle | _GLOBAL_OFFSET_TABLE_ | __tls_get_addr |
  __stack_chk_fail | __libc_single_threaded | __asan_.* | __ubsan_.* |
  # numbers in JSON: the locale is always C, since nothing calls setlocale(3)
  # (__isoc23_: as glibc 2.38 and later call them)
  snprintf | localeconv | __assert_fail | strtod | (__isoc23_)?strtou?ll | ldexp | __errno_location |
  # zlib, from memory to memory
  inflate(|End|Init2_|Reset) |
  # libyaml, events from memory
  yaml_event_delete | yaml_parser_(initialize|delete|parse|set_encoding|set_input_string)
)$'
may_call=$(grep -v '^ *#' <<<"$may_call" | tr -d ' \n')
# libcrypto: all but what opens files, finds a path, asks the clock or draws random numbers
# (a provider is loaded by name, and "null" is built in)
libcrypto='^(ASN1|BIO|BN|CMS|CRYPTO|ERR|EVP|OBJ|OPENSSL|OpenSSL|PEM|PKCS12|PKCS7|SHA256|X509|d2i|i2d)_'
libcrypto+='|^OSSL_(LIB_CTX_(new|free)|PROVIDER_(un)?load)$'
libcrypto_acts='file|_fp$|_fd$|path([^l]|$)|locations|default|connect|accept|socket|current_time|gmtime|time_adj|RAND|getenv'
# the C++ library
cxx_acts='^(std::([a-z_]*|__cxx11::)*basic_[io]?f(stream|ilebuf)|std::filesystem|std::random_device|std::this_thread|std::thread|std::c(out|err|in|log)$|std::chrono::.*::now)'

wrong=0
for archive in "$@"; do
  symbols=$(nm -u "$archive" | awk 'NF == 2 { print $2 }' | sort -u)
  [[ -n $symbols ]] || { echo "$archive: no symbols: is it an archive of objects?"; exit 1; }
  while read -r symbol; do
    [[ $symbol == _Z* || $symbol =~ $may_call ]] && continue
    [[ $symbol =~ $libcrypto && ! $symbol =~ $libcrypto_acts ]] && continue
    echo "${archive##*/}: calls $symbol"
    wrong=1
  done <<<"$symbols"
  if c++filt <<<"$symbols" | grep -E "$cxx_acts" | sed "s/^/${archive##*\/}: uses /"; then wrong=1; fi
done
exit $wrong
