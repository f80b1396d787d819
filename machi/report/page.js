(function () {
  var page = document.documentElement;
  function show() {
    var hash = location.hash.slice(1, 3);
    var asked = /[?&]lang=(ja|en)\b/.exec(location.search);
    var lang = hash === "ja" || hash === "en" ? hash : asked ? asked[1] : page.lang;
    page.lang = lang;
    page.className = "one";
    document.title = page.getAttribute("data-title-" + lang);
  }
  function unfold() {
    document.querySelectorAll("details").forEach(function (part) { part.open = true; });
  }
  window.addEventListener("hashchange", show);
  window.addEventListener("beforeprint", unfold);
  show();
})();
