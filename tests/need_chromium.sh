#!/bin/sh
# Chromium (or Chrome) and a font with Chinese characters: found, or installed by the system's package manager.
set -u
have_browser() { for name in chromium chromium-browser google-chrome google-chrome-stable; do command -v "$name" >/dev/null 2>&1 && return 0; done; [ -x "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" ]; }
have_font() { [ "$(uname)" = Darwin ] || { command -v fc-list >/dev/null 2>&1 && [ -n "$(fc-list :lang=zh)" ]; }; }
have_browser && have_font && exit 0

as_root=""
[ "$(id -u)" = 0 ] || { command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null && as_root="sudo"; }
if [ "$(id -u)" = 0 ] || [ -n "$as_root" ]; then
  if command -v apt-get >/dev/null 2>&1; then
    $as_root apt-get update -qq && $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fontconfig fonts-noto-cjk >/dev/null
  elif command -v dnf >/dev/null 2>&1; then
    $as_root dnf install -y -q chromium fontconfig google-noto-sans-cjk-fonts
  elif command -v pacman >/dev/null 2>&1; then
    $as_root pacman -Sy --noconfirm chromium fontconfig noto-fonts-cjk
  fi
fi
have_browser && have_font && exit 0
echo "The browser tests need Chromium or Chrome and a Chinese font; install them, on Debian: sudo apt-get install chromium fonts-noto-cjk" >&2
exit 1
