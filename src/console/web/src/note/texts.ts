import { texts } from '../i18n/texts';

export const useTexts = texts('note', {
  purpose: ['来电目的', 'Purpose'],
  choosePurpose: ['选择来电目的', 'Why does the caller ring?'],
  note: ['来电记录', 'Note'],
  placeholder: ['边听边记，自动保存', 'Write as you listen; it is saved by itself'],
  item: ['第 {{n}} 项', 'Item {{n}}'],
  itemText: ['事项', 'What'],
  itemTime: ['时间', 'When'],
  'item.place': ['地点', 'Where'],
  'item.name': ['姓名', 'Who'],
  addItem: ['新增一项', 'Another one'],
  removeItem: ['删除第 {{n}} 项', 'Delete item {{n}}'],
  missing: ['必填项', 'Needed'],
  savedAs: ['已保存（第 {{version}} 版）', 'Saved (version {{version}})'],
  'status.loading': ['正在载入…', 'Loading…'],
  'status.saved': ['尚无记录', 'Nothing written yet'],
  'status.unsaved': ['未保存…', 'Not saved yet…'],
  'status.saving': ['正在保存…', 'Saving…'],
  'status.away': [
    '暂时无法保存，内容已保留在本机，恢复后自动保存',
    'It cannot be saved now. It is kept here and saved as soon as that works.',
  ],
  conflict: ['记录已被他人修改，您的内容尚未保存', 'Somebody else has changed the note; yours is not saved'],
  keepMine: ['用我的内容保存', 'Save mine'],
  takeTheirs: ['采用最新内容', 'Take theirs'],
});
