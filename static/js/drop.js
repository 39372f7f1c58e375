// Files dropped anywhere on the page: a near miss must not make the browser leave it.

/** `onDragging(true|false)` while files hover, `onFiles(files)` when they are let go. */
export function acceptDrops(onDragging, onFiles) {
  const holdsFiles = (event) => event.dataTransfer?.types.includes('Files');
  document.addEventListener('dragover', (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
    onDragging(true);
  });
  document.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) onDragging(false);
  });
  document.addEventListener('drop', (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    onDragging(false);
    onFiles([...event.dataTransfer.files]);
  });
}
