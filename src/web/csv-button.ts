import { h, type ComponentChild as View } from 'preact';
import { useState } from 'preact/hooks';

/** A button that makes a CSV file and saves it. */
export function CsvButton({
  text,
  file,
  make,
}: {
  readonly text: string;
  readonly file: string;
  readonly make: () => string | Promise<string>;
}): View {
  const [issue, setIssue] = useState('');
  const save = async (): Promise<void> => {
    setIssue('');
    try {
      const url = URL.createObjectURL(new Blob([await make()], { type: 'text/csv' }));
      const link = document.createElement('a');
      link.href = url;
      link.download = file;
      link.click();
      URL.revokeObjectURL(url);
    } catch (error) {
      setIssue(String(error));
    }
  };
  return [
    h('button', { type: 'button', onClick: () => void save() }, text),
    issue !== '' && h('span', { role: 'alert', class: 'bad' }, issue),
  ];
}
