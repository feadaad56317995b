// Make tool_files/recogito/web-annotations.json, with a DOM of jsdom:
//   npm install @recogito/text-annotator@4.1.1 jsdom && node make_recogito_file.mjs > web-annotations.json
import { JSDOM } from 'jsdom';

const dom = new JSDOM('<!doctype html><html><body></body></html>');
const names = ['document', 'Node', 'Range', 'Element', 'HTMLElement', 'NodeFilter', 'MutationObserver'];
for (const name of [...names, 'XPathResult', 'XPathEvaluator']) globalThis[name] = dom.window[name];
globalThis.window = dom.window;
globalThis.ResizeObserver = class { observe() {} disconnect() {} unobserve() {} };
const { rangeToSelector, serializeW3CTextAnnotation } = await import('@recogito/text-annotator');

const text = 'Ada Ito 😀 told the Port League that Ben Lund backs the plan.\nThe harbour closes.';
const element = document.body.appendChild(document.createElement('div'));
element.textContent = text;
const creator = { id: 'ada', name: 'Ada' };
const annotations = [['Ada Ito', 'PER'], ['Port League', 'ORG']].map(([words, value]) => {
  const range = document.createRange();
  range.setStart(element.firstChild, text.indexOf(words));
  range.setEnd(element.firstChild, text.indexOf(words) + words.length);
  const body = { id: `b${value}`, annotation: value, purpose: 'tagging', value, creator };
  const target = { annotation: value, creator, created: new Date(0), selector: [rangeToSelector(range, element)] };
  return serializeW3CTextAnnotation({ id: value, bodies: [body], target }, 'http://example.org/1', element);
});
console.log(JSON.stringify(annotations, null, 1));
process.exit(0);
