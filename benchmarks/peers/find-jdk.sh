# Prints the folder of a JDK 25 or later: VITRINE_JDK, JAVA_HOME, or the usual places.
for jdk in "${VITRINE_JDK:-}" "${JAVA_HOME:-}" /usr/lib/jvm/* /opt/jdk* "${HOME:-}"/.sdkman/candidates/java/* \
  "${HOME:-}"/.jdks/* /Library/Java/JavaVirtualMachines/*/Contents/Home; do
  if [ -x "$jdk/bin/javac" ]; then
    version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$jdk/release" 2>/dev/null)
    if [ "${version:-0}" -ge 25 ]; then
      echo "$jdk"
      exit 0
    fi
  fi
done
echo "there is no JDK 25 or later here: set VITRINE_JDK to its folder" >&2
exit 1
