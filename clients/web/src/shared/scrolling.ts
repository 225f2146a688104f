/** An element that scrolls in itself, where it is wider than its place: the keyboard reaches it then, and not otherwise. */
export function scrolling(node: HTMLElement): { destroy: () => void } {
  const look = (): void => {
    if (node.scrollWidth > node.clientWidth) node.tabIndex = 0;
    else node.removeAttribute("tabindex");
  };
  const observer = new ResizeObserver(look);
  observer.observe(node);
  return { destroy: () => observer.disconnect() };
}
