#!/bin/sh
# What the tests drive besides Python: Chromium (or Chrome) and a font with Chinese characters for the pages, LibreOffice
# and poppler to open the slides, nginx to serve a school. Found, or installed by the system's package manager.
set -u
have_browser() { for name in chromium chromium-browser google-chrome google-chrome-stable; do command -v "$name" >/dev/null 2>&1 && return 0; done; [ -x "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" ]; }
have_font() { [ "$(uname)" = Darwin ] || { command -v fc-list >/dev/null 2>&1 && [ -n "$(fc-list :lang=zh)" ]; }; }
have_office() { command -v soffice >/dev/null 2>&1 && command -v pdftoppm >/dev/null 2>&1 && command -v pdftotext >/dev/null 2>&1; }
have_nginx() { PATH="$PATH:/usr/sbin" command -v nginx >/dev/null 2>&1; }
have_all() { have_browser && have_font && have_office && have_nginx; }
have_all && exit 0

as_root=""
[ "$(id -u)" = 0 ] || { command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null && as_root="sudo"; }
if [ "$(id -u)" = 0 ] || [ -n "$as_root" ]; then
  if command -v apt-get >/dev/null 2>&1; then
    $as_root apt-get update -qq && $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fontconfig fonts-noto-cjk libreoffice-impress poppler-utils nginx-light >/dev/null
    # To see that the server asks no other host; a container may forbid it.
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends strace >/dev/null 2>&1 || true
    # Compresses better than nginx by itself; what serves a school uses it where it is there.
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends libnginx-mod-http-brotli-filter >/dev/null 2>&1 || true
    # Rooms of several machines are kept in it; their tests say loudly where it is not there.
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends redis-server >/dev/null 2>&1 || true
    # The app and the site are opened in these too; their tests say loudly where they are not there.
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends firefox-esr webkit2gtk-driver xvfb >/dev/null 2>&1 || true
    # The same engine without windows: the browser tests take two thirds of the time. Not every release has it.
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium-headless-shell >/dev/null 2>&1 || true
  elif command -v dnf >/dev/null 2>&1; then
    $as_root dnf install -y -q chromium fontconfig google-noto-sans-cjk-fonts libreoffice-impress poppler-utils nginx
  elif command -v pacman >/dev/null 2>&1; then
    $as_root pacman -Sy --noconfirm chromium fontconfig noto-fonts-cjk libreoffice-fresh poppler nginx
  fi
fi
have_all && exit 0
echo "The tests need Chromium or Chrome, a Chinese font, LibreOffice Impress, poppler and nginx; install them, on Debian: sudo apt-get install chromium fonts-noto-cjk libreoffice-impress poppler-utils nginx-light" >&2
exit 1
