// Modal dialogs. Escape closes them, and so does each of their buttons.

export function closeOnButtons(dialog) {
  dialog.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) dialog.close(button.value);
  });
}

// Shows a question; resolves to whether the answer is yes.
export function ask(dialog) {
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
