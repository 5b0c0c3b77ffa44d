// Votes and following without a reload: the server's answer takes the place of the bar that the button stands in.
// What the server does not do (a frozen account, maintenance) is sent once more the plain way, for the page that says why.

document.addEventListener("submit", async (event) => {
  const bar = event.target.closest("#standing");
  if (!bar || !event.submitter) return;
  event.preventDefault();
  const form = event.target;
  const fields = new URLSearchParams(new FormData(form, event.submitter));
  try {
    const answer = await fetch(form.action, { method: "POST", body: fields, headers: { "HX-Request": "true" } });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("#standing");
    bar.replaceWith(fresh);
    fresh.querySelector(`form[action="${form.getAttribute("action")}"] button`)?.focus();
  } catch {
    const sent = document.createElement("input");
    sent.type = "hidden";
    sent.name = event.submitter.name;
    sent.value = event.submitter.value;
    form.append(sent);
    form.submit();
  }
});
